import { maskSecrets } from "../core/mask-secrets.ts";
import type { TaskFolder, Workers } from "../flows/machine-ports.ts";

/** Values of the run's environment that are secrets by their variable's name. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment)
    .filter(([name]) => /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$/i.test(name))
    .flatMap(([, value]) => (value === undefined ? [] : [value]));
}

/** A task folder in which secrets cannot be read: what a worker writes down of them goes no further. */
export function maskedFolder(folder: TaskFolder, secrets: readonly string[]): TaskFolder {
  return {
    ...folder,
    edit: (path, change) => folder.edit(path, (text) => change(maskSecrets(text, secrets))),
    async read() {
      const { files, warnings } = await folder.read();
      const masked = Object.entries(files).map(([path, text]) => [path, maskSecrets(text, secrets)] as const);
      return { files: Object.fromEntries(masked), warnings };
    },
  };
}

/** Workers whose output holds no secrets. */
export function maskedWorkers(workers: Workers, secrets: readonly string[]): Workers {
  return {
    ...workers,
    start(command, place) {
      const onLine = (line: string) => place.onLine(maskSecrets(line, secrets));
      const worker = workers.start(command, { ...place, onLine });
      const ended = worker.ended.then((exit) => ({ ...exit, tail: maskSecrets(exit.tail, secrets) }));
      return { ...worker, ended, stop: (graceMs) => worker.stop(graceMs) };
    },
  };
}

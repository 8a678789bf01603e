import { arch, platform } from "node:os";
import { delimiter, join } from "node:path";
import { asText, type Json } from "./expression.ts";

/** The folders of one job, below its own. */
export interface JobFolders {
  readonly root: string;
  readonly workspace: string;
  readonly temp: string;
  readonly tools: string;
  readonly home: string;
}

export function jobFolders(root: string, repository: string): JobFolders {
  return {
    root,
    workspace: join(root, "work", repository, repository),
    temp: join(root, "work", "_temp"),
    tools: join(root, "work", "_tool"),
    home: join(root, "home"),
  };
}

/** The `runner` context. */
export function runnerContext(folders: JobFolders): Readonly<Record<string, Json>> {
  return {
    name: "Playground 1",
    os: { linux: "Linux", darwin: "macOS", win32: "Windows" }[platform() as string] ?? "Linux",
    arch: arch() === "arm64" ? "ARM64" : "X64",
    environment: "github-hosted",
    temp: folders.temp,
    tool_cache: folders.tools,
    workspace: join(folders.workspace, ".."),
    debug: "",
  };
}

/**
 * What every process of a job finds in its environment before the workflow adds to it. Named one by one: the playground's
 * own environment is nobody else's business.
 */
export function baseEnvironment(
  folders: JobFolders,
  toolPath: readonly string[],
  mark: string,
): Record<string, string> {
  // `npm run demo` puts the project's own tools first; a runner does not have them.
  const own = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((part) => part !== "" && !part.endsWith("node_modules/.bin"));
  return {
    PATH: [...toolPath, ...own].join(delimiter),
    HOME: folders.home,
    LANG: "C.UTF-8",
    CI: "true",
    GITHUB_ACTIONS: "true",
    RUNNER_TRACKING_ID: mark,
  };
}

/** `GITHUB_…` and `RUNNER_…` variables from their contexts. */
export function contextVariables(
  prefix: "GITHUB" | "RUNNER",
  context: Readonly<Record<string, Json>>,
): Record<string, string> {
  // As on GitHub, the event is a file and the token is handed over only by name.
  const hidden = ["event", "token"];
  const pairs = Object.entries(context).filter(([name, value]) => !hidden.includes(name) && typeof value !== "object");
  return Object.fromEntries(
    pairs
      .filter(([, value]) => prefix === "GITHUB" || value !== "")
      .map(([name, value]) => [`${prefix}_${name.toUpperCase()}`, asText(value)]),
  );
}

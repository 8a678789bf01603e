import { cp, glob, mkdir, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type Action, StepFailed, type StepHost } from "./step-host.ts";

/** What actions/upload-artifact does: the files are copied to where the run keeps its artifacts. */
export const uploadArtifactAction: Action = {
  kind: "built-in",
  defaults: { name: "artifact", "if-no-files-found": "warn", "include-hidden-files": "false", overwrite: "false" },
  post: null,
  postCondition: "always()",

  async main(host) {
    const { name = "artifact", path = "" } = host.inputs;
    if (path.trim() === "") throw new StepFailed("Input required and not supplied: path");
    const target = join(host.artifacts, basename(name));
    const files = await findFiles(host, path);
    if (files.length === 0) return noFiles(host, path);
    if (await exists(target)) {
      if (host.inputs["overwrite"] !== "true") {
        throw new StepFailed(
          `Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run`,
        );
      }
      await rm(target, { recursive: true });
    }
    const root = await rootOf(host, path, files);
    for (const file of files) {
      const copy = join(target, relative(root, file));
      await mkdir(dirname(copy), { recursive: true });
      await cp(file, copy);
    }
    host.log.write(`Artifact ${name} has been successfully uploaded! ${files.length} file(s)`);
  },
};

function noFiles(host: StepHost, path: string): void {
  const message = `No files were found with the provided path: ${path}. No artifacts will be uploaded.`;
  if (host.inputs["if-no-files-found"] === "error") throw new StepFailed(message);
  if (host.inputs["if-no-files-found"] === "ignore") host.log.write(message);
  else host.warn(message);
}

async function findFiles(host: StepHost, path: string): Promise<readonly string[]> {
  const patterns = path
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const found = new Set<string>();
  for (const pattern of patterns) {
    const full = resolve(host.workspace, pattern.replace(/^!/, ""));
    for (const file of await matches(full, host.inputs["include-hidden-files"] === "true")) {
      if (pattern.startsWith("!")) found.delete(file);
      else found.add(file);
    }
  }
  return [...found];
}

/** Files that a pattern names, a folder standing for all that is in it. Hidden ones count only when asked for. */
async function matches(pattern: string, hidden: boolean): Promise<readonly string[]> {
  const files: string[] = [];
  const literal = /[*?[\]]/.test(pattern) ? pattern.slice(0, pattern.search(/[*?[\]]/)) : dirname(pattern);
  const patterns = [pattern, `${pattern}/**`];
  for await (const entry of glob(patterns)) {
    const file = isAbsolute(entry) ? entry : resolve(entry);
    const inside = relative(literal, file).split("/");
    if (!hidden && inside.some((part) => part.startsWith(".") && part !== "..")) continue;
    if ((await stat(file).catch(() => null))?.isFile() === true) files.push(file);
  }
  return files;
}

/** Below which folder an artifact keeps its files' paths: the one folder that was named, else the deepest that holds all files. */
async function rootOf(host: StepHost, path: string, files: readonly string[]): Promise<string> {
  const named = resolve(host.workspace, path.trim());
  if ((await stat(named).catch(() => null))?.isDirectory() === true) return named;
  const [first = [], ...others] = files.map((file) => dirname(file).split("/"));
  const common = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  return (common < 0 ? first : first.slice(0, common)).join("/") || "/";
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

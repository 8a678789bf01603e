import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";

// Users run the committed bundles, so they must be what the sources say.
const fresh = mkdtempSync(join(tmpdir(), "dispatch-dist-"));
try {
  await build(fresh);
  const differing = union(fresh, "dist").filter((file) => read(fresh, file) !== read("dist", file));
  if (differing.length > 0) {
    console.error(`dist/ is not what the sources build: ${differing.join(", ")}. Run "npm run build" and commit it.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function union(...directories: readonly string[]): string[] {
  return [...new Set(directories.flatMap((cwd) => globSync("**/*.js", { cwd })))].sort();
}

function read(directory: string, file: string): string | null {
  try {
    return readFileSync(join(directory, file), "utf8");
  } catch {
    return null;
  }
}

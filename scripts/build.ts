import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import configs from "../rolldown.config.ts";

/** Builds `dist/`. What is there is replaced file by file, so that a run that starts meanwhile finds all it needs. */
export async function build(directory = "dist"): Promise<void> {
  const written = new Set<string>();
  for (const { output, ...input } of configs) {
    const bundle = await rolldown(input);
    const result = await bundle.write({ ...output, dir: directory });
    for (const { fileName } of result.output) written.add(fileName);
    await bundle.close();
  }
  for (const name of readdirSync(directory)) {
    if (!written.has(name)) rmSync(join(directory, name), { recursive: true });
  }
}

if (import.meta.main) await build();

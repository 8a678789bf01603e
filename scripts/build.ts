import { rmSync } from "node:fs";
import { rolldown } from "rolldown";
import configs from "../rolldown.config.ts";

/** Builds `dist/` anew. */
export async function build(directory = "dist"): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  for (const config of [configs].flat()) {
    const { output, ...input } = config as Exclude<typeof config, Function>;
    const bundle = await rolldown(input);
    for (const options of [output ?? {}].flat()) await bundle.write({ ...options, dir: directory });
    await bundle.close();
  }
}

if (import.meta.main) await build();

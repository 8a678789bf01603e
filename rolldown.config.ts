import { type ConfigExport, defineConfig } from "rolldown";

const common = {
  platform: "node",
  treeshake: true,
  // Readable, so that what users run can be read; the sizes that matter are reached without.
  output: { dir: "dist", format: "esm", minify: false, comments: { legal: true } },
} satisfies ConfigExport;

/** What users run: the Action's two steps, and the helper that workers find on their PATH, which must stand alone. */
export default defineConfig([
  {
    ...common,
    input: { main: "src/action/main.ts", post: "src/action/post.ts" },
    output: { ...common.output, entryFileNames: "[name].js", chunkFileNames: "[name]-chunk.js" },
  },
  {
    ...common,
    input: { worker: "src/worker/main.ts" },
    output: { ...common.output, entryFileNames: "[name].js" },
  },
]);

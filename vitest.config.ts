import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Tests of pure functions and of flows over memory: nothing that one file leaves behind could be seen by another. */
const PURE = ["test/core/**/*.test.ts", "test/flows/**/*.test.ts", "test/gallery/**/*.test.ts"];

export default defineConfig({
  // The parser packages name source files that they do not ship.
  logLevel: "error",
  test: {
    // Stories mostly wait, but each is a handful of processes: more of them at once only wait longer.
    maxWorkers: 3,
    maxConcurrency: 4,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // GitHub's own parser packages ship imports without extensions.
    server: { deps: { inline: [/@actions\//] } },
    // Hundreds of short-lived programs are started: each finds what the one before has compiled.
    env: { NO_COLOR: "1", NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/dispatch") },
    projects: [
      { extends: true, test: { name: "pure", include: PURE, isolate: false, setupFiles: "test/seed.ts" } },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"], exclude: PURE } },
    ],
  },
});

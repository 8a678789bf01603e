import { defineConfig } from "vitest/config";

export default defineConfig({
  // The parser packages name source files that they do not ship.
  logLevel: "error",
  test: {
    include: ["test/**/*.test.ts"],
    // Stories mostly wait, but each is a handful of processes: more of them at once only wait longer.
    maxWorkers: 2,
    maxConcurrency: 4,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // GitHub's own parser packages ship imports without extensions.
    server: { deps: { inline: [/@actions\//] } },
    env: { NO_COLOR: "1" },
  },
});

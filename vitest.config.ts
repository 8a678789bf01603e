import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // GitHub's own parser packages ship imports without extensions.
    server: { deps: { inline: [/@actions\//] } },
    env: { NO_COLOR: "1" },
  },
});

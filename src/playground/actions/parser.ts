import { registerHooks } from "node:module";

// GitHub's parser is published for bundlers: it imports its schemas, which are JSON, without the import attribute that Node demands.
const hooks = registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url.includes("/@actions/") && found.url.endsWith(".json")
      ? { ...found, importAttributes: { type: "json" } }
      : found;
  },
});

/** GitHub's own parser of workflow and action files. */
export const parser = await import("@actions/workflow-parser");
export const { parseAction } = await import("@actions/workflow-parser/actions/action-parser");

hooks.deregister();

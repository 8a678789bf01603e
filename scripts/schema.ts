import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { ConfigFile } from "../src/core/config.ts";

export const SCHEMA_PATH = "docs/dispatch.schema.json";

/** The JSON Schema of `.github/dispatch.yml`, for editors. A key with nothing behind it counts as left out, so null is fine everywhere. */
export function configSchema(): string {
  const { $schema, properties, ...rest } = z.toJSONSchema(ConfigFile, { io: "input", target: "draft-2020-12" });
  const nullable = Object.entries(properties ?? {}).map(([key, schema]) => [key, orNull(schema)] as const);
  const schema = {
    $schema,
    $id: "https://raw.githubusercontent.com/dispatch-dev/dispatch/v1/docs/dispatch.schema.json",
    title: "Dispatch config",
    description: "What Dispatch may use in this repository: `.github/dispatch.yml` on the default branch.",
    ...rest,
    properties: Object.fromEntries(nullable),
  };
  // Short lists in one line, as the formatter has them.
  const text = JSON.stringify(schema, null, 2).replace(
    /\[\n\s+("[^"\n]*"(?:,\n\s+"[^"\n]*")*)\n\s+\]/g,
    (_, words: string) => {
      return `[${words.replace(/,\n\s+/g, ", ")}]`;
    },
  );
  return `${text}\n`;
}

type Schema = z.core.JSONSchema._JSONSchema;

/** What describes a key stays at its top, where editors look for it. */
function orNull(schema: Schema): Schema {
  if (typeof schema === "boolean") return schema;
  const { description, default: standard, deprecated, ...value } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
    ...(deprecated === undefined ? {} : { deprecated }),
    anyOf: [value, { type: "null" }],
  };
}

if (import.meta.main) {
  const fresh = configSchema();
  if (readFileSync(SCHEMA_PATH, { encoding: "utf8", flag: "a+" }) !== fresh) writeFileSync(SCHEMA_PATH, fresh);
}

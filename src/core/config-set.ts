import { cannotEdit, type Draft, type Edited } from "./config-draft.ts";
import { nearest } from "./config-fault.ts";
import { CONFIG_KEYS } from "./config-keys.ts";
import { setDefault } from "./config-names.ts";
import { readSheet } from "./config-sheet.ts";
import { valueAt, without, withValue } from "./config-splice.ts";
import { flow, type Written } from "./config-words.ts";
import { Problem } from "./problem.ts";

/** Sets a key that has one value. `default` and "no budget" are understood as people say them. */
export function setKey(draft: Draft, said: string, value: string): Edited {
  const name = said.toLowerCase().replace(/[\s-]+/g, "_");
  if (name === "default") return setDefault(draft, value);
  const key = CONFIG_KEYS.find((each) => each.name === name);
  if (key === undefined) throw unknownKey(said);
  if (name === "budget_usd" && /^(?:none|no|off|unlimited|no limit)$/i.test(value.trim())) return unset(draft, name);
  const wanted = written(key.kind, value);
  const checked = key.schema.safeParse(wanted);
  if (!checked.success) throw badValue(name, value, key.expected);
  const present = valueAt(readSheet(draft.text)?.value, [name]);
  const meaning = key.schema.safeParse(present ?? undefined);
  if (meaning.success && JSON.stringify(meaning.data) === JSON.stringify(checked.data)) {
    return { text: draft.text, said: `\`${name}\` is ${code(wanted)} already.` };
  }
  const text = withValue(draft.text, [name], wanted);
  if (text === null) throw cannotEdit([name], `Write it there yourself: \`${name}: ${flow(wanted)}\`.`);
  return { text, said: `\`${name}\` is ${code(wanted)} now.` };
}

function unset({ text }: Draft, name: string): Edited {
  if ((valueAt(readSheet(text)?.value, [name]) ?? null) === null)
    return { text, said: `\`${name}\` is not set already.` };
  const done = without(text, [name]);
  if (done === null) throw cannotEdit([name], "Remove the line yourself.");
  return { text: done, said: `\`${name}\` is not set any more.` };
}

/** What people mean by a value, as the file says it. */
function written(kind: (typeof CONFIG_KEYS)[number]["kind"], value: string): Written {
  const text = value.trim();
  switch (kind) {
    case "switch":
      if (/^(?:true|yes|on|enabled?)$/i.test(text)) return true;
      return /^(?:false|no|off|disabled?)$/i.test(text) ? false : text;
    case "amount":
      return numeric(text.replace(/^\$\s?|\s?(?:usd|dollars?|days?|\$)$/gi, ""));
    case "time": {
      const [, number = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?) ?(s|m|h|d)[a-z]*$/i.exec(text) ?? [];
      return unit === "" ? numeric(text) : `${number}${unit.toLowerCase()}`;
    }
    case "choice":
      return text.toLowerCase();
    case "people":
      return /^(?:write|maintain|admin)s?$/i.test(text) ? text.toLowerCase().replace(/s$/, "") : list(text);
    case "list":
      return list(text);
  }
}

function numeric(text: string): Written {
  return /^\d{1,9}(?:\.\d{1,4})?$/.test(text) ? Number(text) : text;
}

function list(text: string): readonly string[] {
  if (/^(?:none|nobody|\[\s?\])$/i.test(text)) return [];
  return text
    .replace(/^\[(?=[^\]])|(?<!\[bot)\]$/g, "")
    .split(/\s*,\s*|\s+and\s+|\s+/i)
    .map((part) => part.replace(/^@/, ""))
    .filter((part) => part !== "");
}

function code(value: Written): string {
  if (!Array.isArray(value)) return `\`${flow(value)}\``;
  return value.length === 0 ? "empty" : value.map((part) => `\`${String(part)}\``).join(", ");
}

function unknownKey(said: string): Problem {
  const names = CONFIG_KEYS.map(({ name }) => name);
  const near = nearest(said.slice(0, 100), names);
  return new Problem(
    "config-unknown-key",
    `\`${said.replace(/[\s`]+/g, " ").slice(0, 60)}\` is not a key that can be set by a comment.`,
    near === null ? `Use one of: ${names.join(", ")}.` : `Did you mean \`${near}\`?`,
  );
}

function badValue(name: string, value: string, expected: string): Problem {
  return new Problem(
    "config-bad-value",
    `\`${name}\` cannot be \`${value.replace(/[\s`]+/g, " ").slice(0, 60)}\`.`,
    `Write ${expected}, as in \`/dispatch config set ${name} …\`.`,
  );
}

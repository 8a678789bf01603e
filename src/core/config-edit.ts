import { backendKind } from "./backend.ts";
import { readConfig } from "./config.ts";
import type { ConfigChange } from "./config-change.ts";
import { cannotEdit, type Draft, type Edited } from "./config-draft.ts";
import { migrate } from "./config-migrate.ts";
import { addAlias, addModel, remove, setDefault } from "./config-names.ts";
import { setKey } from "./config-set.ts";
import { withinValue } from "./config-splice.ts";

export interface EditedConfig {
  readonly text: string;
  /** One sentence for every change, those included that there was nothing to do for. */
  readonly said: readonly string[];
}

/**
 * Changes the text of the config, and only the lines that are asked for. Asking again changes nothing.
 * @param text null for no file
 * @throws Problem where the file is invalid, or a change does not fit what is in it
 */
export function editConfig(text: string | null, changes: readonly ConfigChange[]): EditedConfig {
  const mark = text?.startsWith("\uFEFF") ? "\uFEFF" : "";
  let draft: Draft = { text: (text ?? "").slice(mark.length), config: readConfig(text) };
  const said: string[] = [];
  for (const change of changes) {
    const edited = edit(draft, change);
    // Whatever was done must be a config again: nobody is proposed a file that stops all work.
    if (edited.text !== draft.text) draft = { text: edited.text, config: readConfig(edited.text) };
    said.push(edited.said);
  }
  return { text: `${mark}${draft.text}`, said };
}

function edit(draft: Draft, change: ConfigChange): Edited {
  switch (change.kind) {
    case "set-default":
      return setDefault(draft, change.name);
    case "add-model":
      return addModel(draft, change);
    case "add-alias":
      return addAlias(draft, change);
    case "remove":
      return remove(draft, change.name);
    case "set":
      return setKey(draft, change.key, change.value);
    case "migrate":
      return migrate(draft);
    case "mend-codex":
      return mendCodex(draft);
  }
}

const GONE = /(?<![\w-])--full-auto(?![\w-])/g;
const INSTEAD = "--dangerously-bypass-approvals-and-sandbox";

function mendCodex({ text, config }: Draft): Edited {
  const section = config.oldFormat ? "agents" : "backends";
  const old = Object.entries(config.backends).filter(
    ([name, backend]) => backendKind(name, backend) !== "claude" && backend.command.search(GONE) >= 0,
  );
  let mended = text;
  for (const [name, { command }] of old) {
    const path = [section, name, "command"];
    const next = withinValue(mended, path, (source) => source.replace(GONE, INSTEAD), command.replace(GONE, INSTEAD));
    if (next === null) throw cannotEdit(path, `Write \`${INSTEAD}\` instead of \`--full-auto\` there yourself.`);
    mended = next;
  }
  const names = old.map(([name]) => `\`${name}\``).join(" and ");
  return old.length === 0
    ? { text, said: "No command says `--full-auto`, so there is nothing to mend." }
    : { text: mended, said: `The command of ${names} says \`${INSTEAD}\` now, instead of \`--full-auto\`.` };
}

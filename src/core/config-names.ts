import { backendKind } from "./backend.ts";
import type { Config } from "./config.ts";
import type { ConfigChange } from "./config-change.ts";
import { cannotEdit, type Draft, type Edited } from "./config-draft.ts";
import { nearest } from "./config-fault.ts";
import { KNOWN_BACKENDS, NAME } from "./config-file.ts";
import { mapAt, type Path, readSheet } from "./config-sheet.ts";
import { valueAt, without, withValue } from "./config-splice.ts";
import { flow, type Written } from "./config-words.ts";
import { Problem } from "./problem.ts";
import { cliOfMaker } from "./setup-models.ts";

/** @throws Problem "config-unknown-name" where neither a model nor an alias is called so */
export function setDefault({ text, config }: Draft, said: string): Edited {
  const name = named(said, config);
  if (name === null) {
    throw new Problem(
      "config-unknown-name",
      `\`${shown(said)}\` cannot be the default, since it is not in the config.${likely(said, config)}`,
      `Add it first: \`/dispatch add ${shown(said)} to my config and make it the default\`.`,
    );
  }
  if (name === config.default) return { text, said: `\`${name}\` is the default already.` };
  return {
    text: written(text, ["default"], name),
    said: `\`${name}\` is the default now, instead of \`${config.default}\`.`,
  };
}

export function addModel(draft: Draft, { name, backend }: Extract<ConfigChange, { kind: "add-model" }>): Edited {
  const { text, config } = draft;
  const model = key(name, config.models);
  if (model !== null && backend === null) return { text, said: `\`${model}\` is in the config already.` };
  refuseOldFormat(config);
  refuseName(name);
  const alias = key(name, config.aliases);
  if (alias !== null) throw taken(alias, "an alias");
  const wanted = backend === null ? backendFor(name, config) : backendNamed(backend, config);
  if (model !== null && config.models[model]?.backend === wanted) {
    return { text, said: `\`${model}\` is in the config already, and runs on ${wanted}.` };
  }
  const withBackend = backendListed(text, wanted);
  const listed = withModels(withBackend, config);
  return model === null
    ? {
        text: written(listed, ["models", name], { backend: wanted }),
        said: `\`${name}\` is added, and runs on ${wanted}.`,
      }
    : { text: written(listed, ["models", model, "backend"], wanted), said: `\`${model}\` runs on ${wanted} now.` };
}

export function addAlias(draft: Draft, change: Extract<ConfigChange, { kind: "add-alias" }>): Edited {
  const { text, config } = draft;
  refuseOldFormat(config);
  refuseName(change.name);
  const asModel = key(change.name, config.models);
  if (asModel !== null) throw taken(asModel, "a model");
  const model = modelOf(change.model ?? config.default, config);
  const name = key(change.name, config.aliases) ?? change.name;
  const present = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined;
  const prompt = change.prompt ?? present?.prompt ?? null;
  if (present !== undefined && present.model === model && (present.prompt ?? null) === prompt) {
    return { text, said: `\`${name}\` is an alias for \`${model}\` already.` };
  }
  const role = prompt === null ? "" : ", with a role of its own";
  if (present === undefined) {
    const alias: Written = prompt === null ? { model } : { model, prompt };
    return {
      text: written(text, ["aliases", name], alias),
      said: `\`${name}\` is a new alias for \`${model}\`${role}.`,
    };
  }
  const withModel = present.model === model ? text : written(text, ["aliases", name, "model"], model);
  const done =
    prompt === null || prompt === present.prompt ? withModel : written(withModel, ["aliases", name, "prompt"], prompt);
  return { text: done, said: `\`${name}\` is an alias for \`${model}\` now${role}.` };
}

export function remove({ text, config }: Draft, said: string): Edited {
  const name = named(said, config);
  if (name === null) {
    return {
      text,
      said: `\`${shown(said)}\` is not in the config, so there is nothing to remove.${likely(said, config)}`,
    };
  }
  if (name === config.default) {
    throw new Problem(
      "config-default-needed",
      `\`${name}\` is the default, so it cannot be removed.`,
      `Choose another default in the same breath: \`/dispatch switch default to <name> and remove ${name}\`.`,
    );
  }
  const users = Object.keys(config.aliases).filter((alias) => config.aliases[alias]?.model === name);
  if (users.length > 0) {
    const names = users.map((alias) => `\`${alias}\``).join(", ");
    throw new Problem(
      "config-model-in-use",
      `\`${name}\` cannot be removed, since ${users.length === 1 ? "the alias" : "the aliases"} ${names} ${users.length === 1 ? "stands" : "stand"} for it.`,
      `Remove ${users.length === 1 ? "it" : "them"} first, or give ${users.length === 1 ? "it" : "them"} another model: \`/dispatch config alias ${users[0] ?? "<name>"} <model>\`.`,
    );
  }
  const section = Object.hasOwn(config.aliases, name) ? "aliases" : config.oldFormat ? "agents" : "models";
  const listed = section === "models" ? withModels(text, config) : text;
  const done = without(listed, [section, name]);
  if (done === null) throw cannotEdit([section, name], "Remove it there yourself.");
  return { text: done, said: `\`${name}\` is removed.` };
}

/** The text with a value, or a Problem that shows what to write by hand. */
function written(text: string, path: Path, value: Written): string {
  const done = withValue(text, path, value);
  if (done === null) throw cannotEdit(path, `Write it there yourself: \`${path.at(-1) ?? ""}: ${flow(value)}\`.`);
  return done;
}

/** Built-in models go when a file names its own, so they are written down before one is added or taken away. */
function withModels(text: string, { models }: Config): string {
  if (isThere(text, "models")) return text;
  return Object.entries(models).reduce((done, [name, model]) => written(done, ["models", name], model), text);
}

/** A file that lists its backends lists all that it uses. */
function backendListed(text: string, name: string): string {
  const known = name === "claude" || name === "cursor" || name === "codex" ? KNOWN_BACKENDS[name] : null;
  const listed = valueAt(readSheet(text)?.value, ["backends"]);
  if (known === null || !isThere(text, "backends") || valueAt(listed, [name]) !== undefined) return text;
  return written(text, ["backends", name], { command: known.command });
}

function isThere(text: string, section: string): boolean {
  const sheet = readSheet(text);
  if (sheet === null) return false;
  return mapAt(sheet, [section]) !== null || (valueAt(sheet.value, [section]) ?? null) !== null;
}

/** Where a model of this family is looked for, when nobody has said it. */
function backendFor(model: string, config: Config): string {
  const maker = /^claude(?![a-z])/i.test(model) ? "claude" : cliOfMaker(model);
  const own = maker === null ? null : ofKind(maker, config);
  const cursor = maker === "claude" ? null : ofKind("cursor", config);
  return own ?? cursor ?? maker ?? "cursor";
}

/** The configured backend of a kind; the one that is called so comes first. */
function ofKind(kind: "claude" | "codex" | "cursor", { backends }: Config): string | null {
  if (Object.hasOwn(backends, kind)) return kind;
  return Object.entries(backends).find(([name, backend]) => backendKind(name, backend) === kind)?.[0] ?? null;
}

function backendNamed(said: string, { backends }: Config): string {
  const known = { ...KNOWN_BACKENDS, ...backends };
  const name = key(said, known);
  if (name !== null) return name;
  throw new Problem(
    "config-unknown-backend",
    `No backend is called \`${shown(said)}\`.`,
    `Use one of: ${Object.keys(known).join(", ")}. A backend of your own is written under \`backends\` in \`.github/dispatch.yml\`.`,
  );
}

function modelOf(said: string, config: Config): string {
  const name = named(said, config);
  if (name === null) {
    throw new Problem(
      "config-unknown-name",
      `No model in the config is called \`${shown(said)}\`.${likely(said, config)}`,
      `Add it first: \`/dispatch add ${shown(said)} to my config\`. Or use one of: ${Object.keys(config.models).join(", ")}.`,
    );
  }
  return Object.hasOwn(config.aliases, name) ? (config.aliases[name]?.model ?? name) : name;
}

function named(said: string, { models, aliases }: Config): string | null {
  return key(said, models) ?? key(said, aliases);
}

/** The key as the file spells it. */
function key(said: string, entries: object): string | null {
  return Object.keys(entries).find((name) => name.toLowerCase() === said.toLowerCase()) ?? null;
}

function likely(said: string, { models, aliases }: Config): string {
  const near = nearest(said, Object.keys({ ...models, ...aliases }));
  return near === null ? "" : ` Did you mean \`${near}\`?`;
}

function refuseName(name: string): void {
  if (NAME.test(name)) return;
  throw new Problem(
    "config-bad-name",
    `\`${shown(name)}\` cannot be a name in the config.`,
    "Use letters, digits and . _ : / @ + - (no spaces, no dash in front).",
  );
}

function refuseOldFormat({ oldFormat }: Config): void {
  if (!oldFormat) return;
  throw new Problem(
    "config-old-format",
    "The config is in the old format, which knows agents, but no models and aliases.",
    "Write `/dispatch migrate my config` first; then ask again.",
  );
}

function taken(name: string, what: string): Problem {
  return new Problem(
    "config-name-taken",
    `\`${name}\` is ${what} already.`,
    `Choose another name, or remove it first: \`/dispatch config remove ${name}\`.`,
  );
}

/** Fit to stand in code marks. */
function shown(name: string): string {
  return name
    .replace(/[\s`]+/g, " ")
    .trim()
    .slice(0, 100);
}

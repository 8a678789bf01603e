import { KNOWN_BACKENDS } from "./config.ts";
import type { Setup } from "./setup.ts";
import { type AvailableModel, cliForModel, listedModels } from "./setup-availability.ts";
import { CLI_KINDS, type CliKind, KNOWN_CLIS } from "./setup-clis.ts";
import { makerOf } from "./setup-models.ts";

const SCHEMA = "https://raw.githubusercontent.com/dispatch-dev/dispatch/v1/docs/dispatch.schema.json";

const HEAD = `# yaml-language-server: $schema=${SCHEMA}
# What Dispatch may use in this repository, as found on the runner. Change what you like; \`/dispatch config\` shows what is in effect.`;

/**
 * The text of `.github/dispatch.yml` that is proposed to a repository without one: only CLIs that can run, and all models of theirs.
 * @param defaultName the model that a person has chosen; it is added where nothing lists it
 */
export function firstConfig(setup: Setup, defaultName: string): string {
  const models = withDefault(listedModels(setup), defaultName, setup);
  const name = models.find(({ id }) => id.toLowerCase() === defaultName.toLowerCase())?.id ?? defaultName;
  const kinds = CLI_KINDS.filter((kind) => models.some(({ backend }) => backend === kind));
  return `${[
    HEAD,
    `# Used when a request names no model. Dispatch asks before it does; \`confirm_default: false\` turns that off.\ndefault: ${word(name)}`,
    ["# How each coding agent is started. Dispatch adds the prompt.", "backends:", ...kinds.map(backendLines)].join(
      "\n",
    ),
    ["# What people may name, as in “/dispatch use … to fix the login”.", "models:", ...modelLines(models)].join("\n"),
    aliasLines(name),
  ].join("\n\n")}\n`;
}

function withDefault(models: readonly AvailableModel[], name: string, setup: Setup): readonly AvailableModel[] {
  if (models.some(({ id }) => id.toLowerCase() === name.toLowerCase())) return models;
  return [{ id: name, name, backend: cliForModel(name, setup) }, ...models];
}

function backendLines(kind: CliKind): string {
  return `  ${kind}: { command: ${KNOWN_BACKENDS[kind].command} } # ${KNOWN_CLIS[kind].title}`;
}

function modelLines(models: readonly AvailableModel[]): readonly string[] {
  const groups = Map.groupBy(models, ({ id, backend }) => `${makerOf(id)}, by ${KNOWN_CLIS[backend].title}`);
  return [...groups].flatMap(([title, group]) => [`  # ${title}${hint(group)}`, ...group.map(modelLine)]);
}

/** What the entries themselves do not say: a CLI of its own runs models that another one lists. */
function hint(group: readonly AvailableModel[]): string {
  const [first] = group;
  if (first?.backend !== "claude" || group.every(({ id }) => /^(?:opus|sonnet|haiku)$/i.test(id))) return "";
  return ". It takes the newest of each family, whatever number stands here";
}

function modelLine({ id, name, backend }: AvailableModel): string {
  const comment = commentText(name);
  return `  ${word(id)}: { backend: ${backend} }${comment === "" || comment === id ? "" : ` # ${comment}`}`;
}

/** A name that YAML would take for something else than text is quoted. */
function word(name: string): string {
  const isPlain = /^[A-Za-z][\w./-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(name);
  return isPlain ? name : JSON.stringify(name);
}

/** Names come from a CLI's listing; a comment is one line. */
function commentText(name: string): string {
  return name
    .replace(/[^\P{C}]|[\u2028\u2029]/gu, " ")
    .replace(/ +/g, " ")
    .trim()
    .slice(0, 60);
}

function aliasLines(model: string): string {
  return [
    "# Names of your own for a model in a role. Take the # away to use this one:",
    "# aliases:",
    "#   security-reviewer:",
    `#     model: ${word(model)}`,
    "#     prompt: You are a security-focused reviewer. Report only what can be exploited.",
  ].join("\n");
}

import { backendKind } from "./backend.ts";
import { type Backend, type Config, KNOWN_BACKENDS } from "./config.ts";
import {
  isFlagged,
  isRefused,
  nameLikes,
  type Place,
  type Position,
  placesOf,
  position,
  searchable,
} from "./mention.ts";
import { Problem } from "./problem.ts";
import { cliOfMaker } from "./setup-models.ts";
import type { WorkerSpec } from "./task.ts";

export { splitDirective, wantsWorktree } from "./directive.ts";

/** The worker that a request asks for. */
export interface Resolved {
  readonly worker: WorkerSpec;
  /** False when the request names no model, so that the default was taken. */
  readonly named: boolean;
}

const CLAUDE = /^(?:claude-)?(?:\d+(?:[.-]\d+)*-)?(?:opus|sonnet|haiku)(?:-[\w.-]+)?$/i;
const OPENAI = /^(?:gpt[\w.-]*\d[\w.-]*|codex(?:-[\w.-]+)?|o[13](?:-[\w.-]+)?|o4-mini(?:-[\w.-]+)?)$/i;
/** Families that Cursor may have. A number must be with them: the names alone are words. */
const OTHERS = /^(?:gemini|grok|deepseek|kimi|composer|qwen|glm|mistral|llama)[\w.:-]*\d[\w.:-]*$/i;
/** Said instead of a model: the CLI takes its own default. */
const MAKERS: Readonly<Record<string, "claude" | "codex">> = { claude: "claude", codex: "codex", gpt: "codex" };

/** "have claude check": only somebody can be asked. */
const ASKED = /(?<![\p{L}\p{N}_-])(?:have|ask|let)\s+$/iu;
/** "use claude tokens": the name is part of a longer one. */
const GOES_ON = /^\s+(?!(?:to|and|for|in|on|with|then|please|not|instead)\b)[\p{L}\p{N}]/iu;

/**
 * Finds the model or alias that a request names, else the config's default. The last one named wins.
 * @throws Problem "unknown-model" where a model is named that nothing here can run, "unknown-backend" where its backend is missing
 */
export function resolveWorker(request: string, config: Config): Resolved {
  const named = lastNamed(request, config);
  return { worker: workerFor(named ?? config.default, config), named: named !== null };
}

/** The same model by Cursor: for one that the config does not name, where its maker's own CLI cannot run. */
export function onCursor(worker: WorkerSpec, config: Config): WorkerSpec {
  const { command } = templateOf("cursor", config) ?? KNOWN_BACKENDS.cursor;
  return { ...worker, backend: "cursor", kind: "cursor", command };
}

function lastNamed(request: string, config: Config): string | null {
  const text = searchable(request);
  const known = knownMentions(text, config);
  const found = [...known.wanted, ...familyMentions(text, known.taken)].filter((mention) => !isRefused(text, mention));
  return found.toSorted((a, b) => a.start - b.start).at(-1)?.name ?? null;
}

interface Mention extends Place {
  readonly name: string;
}

/** Mentions of what the config names. `taken` holds every letter's place that is part of such a name, wanted or not. */
function knownMentions(
  text: string,
  config: Config,
): { readonly wanted: readonly Mention[]; readonly taken: ReadonlySet<number> } {
  const wanted: Mention[] = [];
  const taken = new Set<number>();
  // Longest first: within "gpt-5.3-codex" nobody means "codex".
  for (const name of namesIn(config).toSorted((a, b) => b.length - a.length)) {
    for (const place of placesOf(name, text).filter((each) => !overlaps(each, taken))) {
      for (let at = place.start; at < place.end; at += 1) taken.add(at);
      if (isTelling(name) || position(text, place) !== "none") wanted.push({ name, ...place });
    }
  }
  return { wanted, taken };
}

/** Mentions of models that the config does not name, but everybody knows. They count only where a model is expected. */
function familyMentions(text: string, taken: ReadonlySet<number>): readonly Mention[] {
  return [...nameLikes(text)].filter(
    (mention) =>
      !overlaps(mention, taken) && (isFlagged(text, mention) || isExpected(position(text, mention), text, mention)),
  );
}

function isExpected(found: Position, text: string, { name, start, end }: Mention): boolean {
  switch (isFamily(name)) {
    case "sure":
      return found !== "none";
    case "likely":
      return found === "strong" && (ASKED.test(text.slice(0, start)) || !GOES_ON.test(text.slice(end, end + 30)));
    case "none":
      return false;
  }
}

/** "likely" names are part of ordinary sentences too: "an integration with claude". */
function isFamily(name: string): "sure" | "likely" | "none" {
  if (CLAUDE.test(name) || OPENAI.test(name)) return "sure";
  return OTHERS.test(name) || Object.hasOwn(MAKERS, name.toLowerCase()) ? "likely" : "none";
}

/** Names that cannot be ordinary English count wherever they stand. */
function isTelling(name: string): boolean {
  return /[^a-z]/i.test(name) || /^(?:opus|sonnet|haiku)$/i.test(name);
}

/** Names overlap at an end: the longest was looked for first. */
function overlaps({ start, end }: Place, taken: ReadonlySet<number>): boolean {
  return taken.has(start) || taken.has(end - 1);
}

function namesIn(config: Config): readonly string[] {
  return [...Object.keys(config.models), ...Object.keys(config.aliases)];
}

/** @param said a name in any case */
function workerFor(said: string, config: Config): WorkerSpec {
  const name = namesIn(config).find((known) => known.toLowerCase() === said.toLowerCase());
  if (name === undefined) return unlisted(said.toLowerCase(), config);
  const alias = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined;
  const model = alias?.model ?? name;
  const role = alias?.prompt ?? null;
  if (isOwnDefault(model, config)) return workerSpec({ name, model: null, backend: model, role }, config);
  return workerSpec({ name, model, backend: backendOf(model, config), role }, config);
}

/** Called like its backend, a model is whichever one the CLI takes by itself. So are all agents of the old format. */
function isOwnDefault(model: string, { models }: Config): boolean {
  return Object.hasOwn(models, model) && models[model]?.backend === model;
}

function unlisted(name: string, config: Config): WorkerSpec {
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (maker !== undefined)
    return workerSpec({ name, model: null, backend: preferred(maker, config) ?? maker, role: null }, config);
  return workerSpec({ name, model: name, backend: backendOfFamily(name, config), role: null }, config);
}

/** Claude's models go to the claude backend and OpenAI's to codex where these are configured, whatever the model's entry says. */
function backendOf(model: string, config: Config): string {
  const entry = Object.hasOwn(config.models, model) ? config.models[model] : undefined;
  if (entry === undefined) return backendOfFamily(model, config);
  const maker = cliOfMaker(model);
  const own = templateOf(entry.backend, config);
  // A backend of the user's own making was chosen for a reason.
  if (
    maker === null ||
    own === null ||
    backendKind(entry.backend, own) === "generic" ||
    backendKind(entry.backend, own) === maker
  ) {
    return entry.backend;
  }
  return preferred(maker, config) ?? entry.backend;
}

function backendOfFamily(model: string, config: Config): string {
  const cursor = Object.entries(config.backends).find(([key, backend]) => backendKind(key, backend) === "cursor")?.[0];
  if (CLAUDE.test(model)) return preferred("claude", config) ?? "claude";
  if (OPENAI.test(model)) return preferred("codex", config) ?? cursor ?? "codex";
  if (cursor !== undefined) return cursor;
  throw unknownModel(model, config);
}

/** The configured backend of a kind; the one that is called so comes first. */
function preferred(kind: "claude" | "codex", config: Config): string | null {
  if (Object.hasOwn(config.backends, kind)) return kind;
  return Object.entries(config.backends).find(([key, backend]) => backendKind(key, backend) === kind)?.[0] ?? null;
}

function templateOf(backend: string, config: Config): Backend | null {
  if (Object.hasOwn(config.backends, backend)) return config.backends[backend] ?? null;
  if (backend === "claude" || backend === "codex" || backend === "cursor") return KNOWN_BACKENDS[backend];
  return null;
}

function workerSpec(chosen: Pick<WorkerSpec, "name" | "model" | "backend" | "role">, config: Config): WorkerSpec {
  const template = templateOf(chosen.backend, config);
  if (template === null) throw unknownBackend(chosen, config);
  return { ...chosen, kind: backendKind(chosen.backend, template), command: template.command };
}

function unknownModel(name: string, config: Config): Problem {
  return new Problem(
    "unknown-model",
    `Model \`${name}\` isn't available.`,
    `Use one of: ${namesIn(config).join(", ")}.`,
  );
}

function unknownBackend({ name, backend }: Pick<WorkerSpec, "name" | "backend">, config: Config): Problem {
  return new Problem(
    "unknown-backend",
    `Model \`${name}\` wants the backend \`${backend}\`, which \`.github/dispatch.yml\` does not have.`,
    `Add it under \`backends\`, or use one of: ${Object.keys(config.backends).join(", ")}.`,
  );
}

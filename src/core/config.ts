import { isMap, isPair, LineCounter, parseDocument, visit } from "yaml";
import { z } from "zod";
import { Problem } from "./problem.ts";
import { BackendKind, type Settings } from "./task.ts";

export const CONFIG_PATH = ".github/dispatch.yml";

/** Names reach commands as arguments, so they never begin with a dash and hold no white space. */
const Name = z.string().regex(/^[A-Za-z0-9][\w.:/-]{0,99}$/, "a name of letters, digits and . _ : / -");
const EnvironmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "the name of an environment variable");

/** "10m", "2h", "30s", or a number of minutes. */
const Minutes = z
  .union([z.number().positive(), z.string().regex(/^\d+(\.\d+)?\s*(s|m|h|d)$/)], {
    error: 'a time such as "10m" or "2h", or a number of minutes',
  })
  .transform((time) => (typeof time === "number" ? time : minutesOf(time)));

const UNIT_MINUTES: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1_440 };

const Backend = z.strictObject({
  /** The command, given to bash as it stands. */
  command: z.string().trim().min(1, "a command"),
  /** Which CLI it is, where neither its key nor its first word says so. */
  kind: BackendKind.optional(),
});
export type Backend = z.infer<typeof Backend>;

const File = z.strictObject({
  default: Name.default("opus"),
  backends: z.record(Name, Backend).default({}),
  models: z.record(Name, z.strictObject({ backend: Name })).default({}),
  aliases: z
    .record(Name, z.strictObject({ model: Name, prompt: z.string().optional(), command: z.undefined().optional() }))
    .default({}),
  confirm_default: z.boolean().default(true),
  answer_timeout: Minutes.default(10),
  timeout: Minutes.default(330),
  pull_request: z.enum(["draft", "ready", "none"]).default("draft"),
  isolation: z.enum(["user", "none"]).default("user"),
  signoff: z.boolean().default(false),
  /** Days that the files of an ended task are kept. */
  keep: z.number().positive().default(30),
  env: z.array(EnvironmentName).default([]),
});

export interface Alias {
  readonly model?: string;
  readonly prompt?: string | undefined;
  readonly command?: string | undefined;
}

export interface Config {
  readonly default: string;
  readonly backends: Readonly<Record<string, Backend>>;
  readonly models: Readonly<Record<string, { readonly backend: string }>>;
  readonly aliases: Readonly<Record<string, Alias>>;
  readonly confirmDefault: boolean;
  /** Days. */
  readonly keep: number;
  readonly settings: Settings;
}

/** What holds where a repository has no config: Claude Code with its three families. */
const BUILT_IN = `
default: opus
backends:
  claude: { command: claude -p --dangerously-skip-permissions }
models:
  opus: { backend: claude }
  sonnet: { backend: claude }
  haiku: { backend: claude }
`;

/**
 * Reads the text of `.github/dispatch.yml`; null stands for no file.
 * @throws Problem "config-invalid" that names line, column, what was expected and what was found
 */
export function readConfig(text: string | null): Config {
  const counter = new LineCounter();
  const document = parseDocument(text ?? BUILT_IN, { lineCounter: counter, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw invalid(place(counter, broken.pos[0]), broken.message);
  const value: unknown = document.toJS() ?? {};
  if (typeof value === "object" && "agents" in value) throw oldFormat();
  const parsed = File.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw issue === undefined ? invalid("", "it could not be read") : explain(issue, document, counter);
  }
  return checked(toConfig(parsed.data), (path) => where(document, counter, path));
}

export function settingsOf({ settings }: Config): Settings {
  return settings;
}

function toConfig(file: z.infer<typeof File>): Config {
  return {
    default: file.default,
    backends: file.backends,
    models: file.models,
    aliases: file.aliases,
    confirmDefault: file.confirm_default,
    keep: file.keep,
    settings: {
      answerTimeout: file.answer_timeout,
      timeout: file.timeout,
      pullRequest: file.pull_request,
      isolation: file.isolation,
      signoff: file.signoff,
      env: file.env,
    },
  };
}

/** What a schema cannot say: names that refer to each other. */
function checked(config: Config, at: (path: readonly PropertyKey[]) => string): Config {
  for (const [name, { backend }] of Object.entries(config.models)) {
    if (!(backend in config.backends)) {
      throw invalid(at(["models", name, "backend"]), `expected one of ${list(config.backends)}, found "${backend}"`);
    }
  }
  for (const [name, { model }] of Object.entries(config.aliases)) {
    if (model !== undefined && !(model in config.models)) {
      throw invalid(at(["aliases", name, "model"]), `expected one of ${list(config.models)}, found "${model}"`);
    }
  }
  if (!(config.default in config.models) && !(config.default in config.aliases)) {
    const names = list({ ...config.models, ...config.aliases });
    throw invalid(at(["default"]), `expected \`default\` to be one of ${names}, found "${config.default}"`);
  }
  return config;
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, document: ReturnType<typeof parseDocument>, counter: LineCounter): Problem {
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const near = nearest(key, knownKeys(issue.path));
    const hint = near === null ? "" : `; did you mean \`${near}\`?`;
    return invalid(where(document, counter, [...issue.path, key]), `\`${key}\` is not a key that is known here${hint}`);
  }
  const name = issue.path.length > 0 ? `\`${issue.path.join(".")}\` to be ` : "";
  const found = shown(document.getIn(issue.path.filter(isKey), false));
  return invalid(where(document, counter, issue.path), `expected ${name}${expectation(issue)}, found ${found}`);
}

function expectation(issue: Issue): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_type") return `a ${issue.expected === "record" || issue.expected === "object" ? "mapping" : issue.expected}`;
  if (issue.code === "invalid_key") return "a name of letters, digits and . _ : / -";
  return issue.message;
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  switch (path[0]) {
    case undefined:
      return Object.keys(File.shape);
    case "backends":
      return Object.keys(Backend.shape);
    case "models":
      return ["backend"];
    default:
      return ["model", "prompt"];
  }
}

/** "line 4, column 3" of the innermost part of a path that the file has. */
function where(document: ReturnType<typeof parseDocument>, counter: LineCounter, path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length).filter(isKey));
    if (offset !== null) return place(counter, offset);
  }
  return place(counter, 0);
}

function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (!isMap(parent)) {
    const node = document.getIn(path, true);
    return rangeStart(node);
  }
  let offset: number | null = null;
  visit(parent, {
    Pair: (_, pair) => {
      if (isPair(pair) && String(pair.key) === String(key) && offset === null) offset = rangeStart(pair.key);
      return visit.SKIP;
    },
  });
  return offset;
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return null;
  return typeof node.range[0] === "number" ? node.range[0] : null;
}

function isKey(key: PropertyKey): key is string | number {
  return typeof key !== "symbol";
}

function place(counter: LineCounter, offset: number): string {
  const { line, col } = counter.linePos(offset);
  return `line ${line}, column ${col}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  const text = JSON.stringify(isMap(value) ? value.toJSON() : value) ?? "something else";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function list(names: Readonly<Record<string, unknown>>): string {
  return Object.keys(names).join(", ") || "(none yet)";
}

function minutesOf(time: string): number {
  const unit = time.at(-1) ?? "m";
  return Number.parseFloat(time) * (UNIT_MINUTES[unit] ?? 1);
}

function invalid(at: string, fault: string): Problem {
  return new Problem(
    "config-invalid",
    `\`${CONFIG_PATH}\` cannot be used: ${at}: ${fault}.`,
    "Correct it on the default branch, then write the command again.",
  );
}

function oldFormat(): Problem {
  return new Problem(
    "config-invalid",
    `\`${CONFIG_PATH}\` cannot be used: it has the old form with \`agents:\`.`,
    "Write `backends:` with the commands, `models:` that name a backend each, and `default:` with one of the models.",
  );
}

/** The known key that takes the fewest edits, if they are few. */
function nearest(key: string, known: readonly string[]): string | null {
  const ranked = known.map((name) => ({ name, edits: distance(key, name) })).sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(2, key.length / 3) ? best.name : null;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

import { type Document, LineCounter, parseDocument, visit } from "yaml";
import { type ConfigFault, explainIssue, locate, nearest } from "./config-fault.ts";
import { type Alias, type Backend, BUILT_IN_MODELS, ConfigFile, KNOWN_BACKENDS, type Model } from "./config-file.ts";
import { Problem } from "./problem.ts";
import type { Settings } from "./task.ts";

export { type Backend, ConfigFile, KNOWN_BACKENDS } from "./config-file.ts";

const CONFIG_PATH = ".github/dispatch.yml";

export interface Config {
  readonly default: string;
  readonly backends: Readonly<Record<string, Backend>>;
  readonly models: Readonly<Record<string, Model>>;
  readonly aliases: Readonly<Record<string, Alias>>;
  readonly confirmDefault: boolean;
  /** Days. */
  readonly keep: number;
  /** Who may command: everybody with this role, or these people of those who may write. */
  readonly commanders: "write" | "maintain" | "admin" | readonly string[];
  /** Exact logins of bots that may command. */
  readonly bots: readonly string[];
  readonly forks: "refuse" | "read-only";
  /** True for a file with `agents`: each stands here as a model with a backend of its own, both of the agent's name. */
  readonly oldFormat: boolean;
  readonly settings: Settings;
}

/**
 * Reads the text of `.github/dispatch.yml`. Null stands for no file; what a file leaves out is built in.
 * @throws Problem "config-invalid" that names line, column, what was expected and what was found
 */
export function readConfig(text: string | null): Config {
  if (text !== null && text.length > MOST_LETTERS) throw tooLong(text);
  const lines = new LineCounter();
  const document = parseDocument((text ?? "").replace(/^\uFEFF/, ""), { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  // The errors after the first are mostly its echo.
  if (broken !== undefined) throw invalid([{ ...lines.linePos(broken.pos[0]), text: yamlFault(broken.message) }]);
  const value = valueOf(document, lines);
  const parsed = ConfigFile.safeParse(value);
  if (!parsed.success)
    throw invalid(
      parsed.error.issues.slice(0, 100).flatMap((issue) => explainIssue(issue, document, lines, ConfigFile)),
    );
  const config = configOf(parsed.data);
  const faults = [...mixedFormats(parsed.data), ...faultsOf(config)].map((fault) => ({
    ...locate(document, lines, fault.path, fault.part),
    text: fault.text,
  }));
  if (faults.length > 0) throw invalid(faults);
  return config;
}

/** The part of the config that a task carries with it. */
export function settingsOf({ settings }: Config): Settings {
  return settings;
}

function valueOf(document: Document, lines: LineCounter): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value === null ? {} : withoutEmpty(value);
  } catch (cause) {
    // A few lines of YAML aliases can stand for gigabytes.
    throw invalid(
      [
        {
          ...firstAlias(document, lines),
          text: "expected plain YAML, found YAML aliases (`*name`) that cannot be resolved",
        },
      ],
      cause,
    );
  }
}

/** A key with nothing behind it, because its lines are commented out, is a key left out. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
}

function firstAlias(document: Document, lines: LineCounter): { readonly line: number; readonly col: number } {
  let place = { line: 1, col: 1 };
  visit(document, {
    Alias: (_, { range }) => {
      if (range) place = lines.linePos(range[0]);
      return visit.BREAK;
    },
  });
  return place;
}

/** A config is a page or two. Reading takes time that grows with the square of a text's keys. */
const MOST_LETTERS = 64_000;

function tooLong(text: string): Problem {
  return invalid([
    { line: 1, col: 1, text: `expected a file of at most ${MOST_LETTERS} characters, found ${text.length}` },
  ]);
}

function yamlFault(message: string): string {
  const what = /call stack/i.test(message) ? "it is nested too deeply" : message.replace(/;.*$/s, "");
  return `it is not valid YAML: ${what}`;
}

function configOf(file: ConfigFile): Config {
  const agents = Object.entries(file.agents ?? {});
  const oldFormat = agents.length > 0;
  const named = oldFormat ? agentsAsModels(agents) : withBuiltIns(file);
  const names = Object.keys({ ...named.models, ...named.aliases });
  const standard = names.includes("opus") ? "opus" : (names[0] ?? "opus");
  const chosen = file.default ?? standard;
  return {
    default: chosen,
    ...named,
    confirmDefault: file.confirm_default,
    keep: file.keep,
    commanders: file.commanders,
    bots: file.bots,
    forks: file.forks,
    oldFormat,
    settings: {
      answerTimeout: file.answer_timeout,
      timeout: file.timeout,
      pullRequest: file.pull_request,
      isolation: file.isolation,
      signoff: file.signoff,
      env: file.env,
      oldFormat,
      budgetUsd: file.budget_usd ?? null,
      names: names.toSorted((a, b) => Number(b === chosen) - Number(a === chosen)),
    },
  };
}

type Named = Pick<Config, "backends" | "models" | "aliases">;

function withBuiltIns(file: ConfigFile): Named {
  const models = file.models ?? BUILT_IN_MODELS;
  const used = new Set(Object.values(models).map(({ backend }) => backend));
  const known = Object.entries(KNOWN_BACKENDS).filter(([name]) => used.has(name));
  return { backends: { ...Object.fromEntries(known), ...file.backends }, models, aliases: file.aliases ?? {} };
}

/** A model that is called like its backend is handed to no CLI, so an agent's command stays as it stands. */
function agentsAsModels(agents: readonly (readonly [string, Backend])[]): Named {
  const models = agents.map(([name]) => [name, { backend: name }] as const);
  return { backends: Object.fromEntries(agents), models: Object.fromEntries(models), aliases: {} };
}

interface Fault {
  readonly path: readonly string[];
  readonly part: "key" | "value";
  readonly text: string;
}

function mixedFormats({ agents, backends, models, aliases }: ConfigFile): readonly Fault[] {
  if (agents === undefined || (backends ?? models ?? aliases) === undefined) return [];
  const text =
    "`agents` is the old format, which cannot stand beside `backends`, `models` and `aliases`; write its commands under `backends`";
  return [{ path: ["agents"], part: "key", text }];
}

/** What a schema cannot say: names that refer to each other, and names that mean two things. */
function faultsOf({ backends, models, aliases, default: name, oldFormat }: Config): readonly Fault[] {
  const names = { ...models, ...aliases };
  if (oldFormat) {
    return [
      ...unknown(["default"], name, names, "a name under `agents`"),
      ...ambiguous(Object.keys(models), "agents", []),
    ];
  }
  return [
    ...Object.entries(models).flatMap(([model, { backend }]) =>
      unknown(["models", model, "backend"], backend, backends, "a name under `backends`"),
    ),
    ...Object.entries(aliases).flatMap(([alias, { model }]) =>
      unknown(["aliases", alias, "model"], model, models, "a name under `models`"),
    ),
    ...unknown(["default"], name, names, "a name under `models` or `aliases`"),
    ...ambiguous(Object.keys(models), "models", []),
    ...ambiguous(Object.keys(aliases), "aliases", Object.keys(models)),
  ];
}

function unknown(path: readonly string[], found: string, known: object, expected: string): readonly Fault[] {
  if (Object.hasOwn(known, found)) return [];
  const near = nearest(found, Object.keys(known));
  const hint = near === null ? "" : `; did you mean \`${near}\`?`;
  return [{ path, part: "value", text: `expected ${expected} for \`${path.join(".")}\`, found \`${found}\`${hint}` }];
}

/** People write names in any case, so names must differ in more than that. */
function ambiguous(names: readonly string[], section: string, others: readonly string[]): readonly Fault[] {
  const seen = new Set(others.map((other) => other.toLowerCase()));
  return names.flatMap((name) => {
    const taken = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return taken
      ? [{ path: [section, name], part: "key", text: `expected a name of its own, found \`${name}\` a second time` }]
      : [];
  });
}

/** More faults than this help nobody. */
const MOST_FAULTS = 3;

function invalid(faults: readonly ConfigFault[], cause?: unknown): Problem {
  const sentences = faults
    .slice(0, MOST_FAULTS)
    .map(
      ({ line, col, text }) =>
        `\`${CONFIG_PATH}\`, line ${line}, column ${col}: ${text.replace(/[.?]?$/, (end) => end || ".")}`,
    );
  const more = faults.length > MOST_FAULTS ? [`There are ${faults.length - MOST_FAULTS} more.`] : [];
  return new Problem(
    "config-invalid",
    [...sentences, ...more].join(" "),
    "Correct it on the default branch, then write the command again.",
    { cause },
  );
}

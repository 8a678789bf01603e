import { type Document, LineCounter, parseDocument, visit } from "yaml";
import { z } from "zod";
import { type ConfigFault, explainIssue, locate, nearest } from "./config-fault.ts";
import { Problem } from "./problem.ts";
import { BackendKind, type Settings } from "./task.ts";

const CONFIG_PATH = ".github/dispatch.yml";

/** Names reach commands as arguments, so they never begin with a dash and hold neither white space nor anything a shell would read. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}$/;

const Name = z.string().regex(NAME, "a name of letters, digits and . _ : / @ + - (no spaces, no dash in front)");
const EnvironmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "the name of an environment variable")
  // The job's token, the runner's own services, our inputs, and the files by which a step speaks to the ones after it.
  .regex(
    /^(?!ACTIONS_|INPUT_|GITHUB_(?:TOKEN|ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)$)/,
    "the name of an environment variable that is not the job's own",
  );

const UNITS: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1_440 };
const MINUTES = { expected: 'a time such as "10m" or "2h", or a number of minutes, up to 7 days', most: 7 * 1_440 };

const Minutes = z
  .union([z.number(), z.string().regex(/^\d{1,6}(?:\.\d{1,3})? ?[smhd]$/, MINUTES.expected)], {
    error: MINUTES.expected,
  })
  .transform(inMinutes)
  .refine((minutes) => minutes > 0 && minutes <= MINUTES.most, MINUTES.expected);

const Backend = z.strictObject({
  command: z
    .string()
    .trim()
    .min(1, "a command")
    .regex(/^[^\0]*$/, "a command without NUL characters")
    .describe(
      "Shell command that starts the CLI. It is given to bash as it stands; the prompt comes by standard input.",
    ),
  kind: BackendKind.optional().describe(
    "Which CLI it is, where neither the backend's name nor the command's first word says so.",
  ),
});
export type Backend = z.infer<typeof Backend>;

const Model = z.strictObject({ backend: Name.describe("The backend that runs this model.") });

const Alias = z.strictObject({
  model: Name.describe("The model that the alias stands for."),
  prompt: z.string().max(8_000).optional().describe("The worker's role: text that goes before its task."),
});
type Alias = z.infer<typeof Alias>;

/** The file as people write it. */
export const ConfigFile = z.strictObject({
  default: Name.optional().describe("Model or alias for tasks that name none."),
  backends: z.record(Name, Backend).optional().describe("Commands that start a coding agent, by name."),
  models: z.record(Name, Model).optional().describe("Models that people may name, by id."),
  aliases: z.record(Name, Alias).optional().describe("Other names for models, with a role of their own."),
  confirm_default: z.boolean().default(true).describe("Ask before a task that names no model starts."),
  answer_timeout: Minutes.default(10).describe(
    "How long a question keeps the worker waiting before the task is parked.",
  ),
  timeout: Minutes.default(330).describe("How long a run may take."),
  pull_request: z.enum(["draft", "ready", "none"]).default("draft").describe("What the work on an issue is opened as."),
  isolation: z.enum(["user", "none"]).default("user").describe("Whether the worker runs as a user of its own."),
  signoff: z.boolean().default(false).describe("Add Signed-off-by to commits."),
  keep: z.number().positive().default(30).describe("Days that the files of an ended task are kept."),
  env: z.array(EnvironmentName).max(100).default([]).describe("Further environment variables that the worker may see."),
});

export interface Config {
  readonly default: string;
  readonly backends: Readonly<Record<string, Backend>>;
  readonly models: Readonly<Record<string, z.infer<typeof Model>>>;
  readonly aliases: Readonly<Record<string, Alias>>;
  readonly confirmDefault: boolean;
  /** Days. */
  readonly keep: number;
  readonly settings: Settings;
}

/** How the CLIs that we know are started where the config does not say it. */
export const KNOWN_BACKENDS: Readonly<Record<"claude" | "cursor" | "codex", Backend>> = {
  claude: { command: "claude -p --dangerously-skip-permissions" },
  cursor: { command: 'agent -p --force --workspace "$(pwd)"' },
  codex: { command: 'codex exec --dangerously-bypass-approvals-and-sandbox -C "$(pwd)"' },
};

const BUILT_IN_MODELS = { opus: { backend: "claude" }, sonnet: { backend: "claude" }, haiku: { backend: "claude" } };

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
  if (typeof value === "object" && value !== null && "agents" in value) throw oldFormat(document, lines);
  const parsed = ConfigFile.safeParse(value);
  if (!parsed.success)
    throw invalid(
      parsed.error.issues.slice(0, 100).flatMap((issue) => explainIssue(issue, document, lines, ConfigFile)),
    );
  const config = withBuiltIns(parsed.data);
  const faults = faultsOf(config).map((fault) => ({
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

function withBuiltIns(file: z.infer<typeof ConfigFile>): Config {
  const models = file.models ?? BUILT_IN_MODELS;
  const aliases = file.aliases ?? {};
  const used = new Set(Object.values(models).map(({ backend }) => backend));
  const known = Object.entries(KNOWN_BACKENDS).filter(([name]) => used.has(name));
  return {
    default:
      file.default ?? (Object.hasOwn(models, "opus") ? "opus" : (Object.keys({ ...models, ...aliases })[0] ?? "opus")),
    backends: { ...Object.fromEntries(known), ...file.backends },
    models,
    aliases,
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

interface Fault {
  readonly path: readonly string[];
  readonly part: "key" | "value";
  readonly text: string;
}

/** What a schema cannot say: names that refer to each other, and names that mean two things. */
function faultsOf({ backends, models, aliases, default: name }: Config): readonly Fault[] {
  const names = { ...models, ...aliases };
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

function inMinutes(time: number | string): number {
  if (typeof time === "number") return time;
  return Number.parseFloat(time) * (UNITS[time.at(-1) ?? "m"] ?? 1);
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

function oldFormat(document: Document, lines: LineCounter): Problem {
  const { line, col } = locate(document, lines, ["agents"], "key");
  return new Problem(
    "config-invalid",
    `\`${CONFIG_PATH}\`, line ${line}, column ${col}: \`agents\` is the old format, which is not read here.`,
    "Write each agent's command under `backends`, name its models under `models`, and set `default` to one of them.",
  );
}

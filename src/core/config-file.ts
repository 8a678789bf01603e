import { z } from "zod";
import { BackendKind } from "./task.ts";

/** Names reach commands as arguments, so they never begin with a dash and hold neither white space nor anything a shell would read. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}$/;

const Name = z.string().regex(NAME, "a name of letters, digits and . _ : / @ + - (no spaces, no dash in front)");

const EnvironmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "the name of an environment variable")
  // The job's token, the runner's own services, our inputs, and the files by which a step speaks to the ones after it.
  .regex(
    /^(?!ACTIONS_|INPUT_|GITHUB_(?:TOKEN|ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)$)/,
    "the name of an environment variable that is not the job's own",
  );

const TIME = 'a time such as "10m" or "2h", or a number of minutes, up to 7 days';
const LONGEST_MINUTES = 7 * 1_440;
const UNITS: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1_440 };

const Minutes = z
  .union([z.number().positive().max(LONGEST_MINUTES), z.string().regex(/^\d{1,6}(?:\.\d{1,3})? ?[smhd]$/, TIME)], {
    error: TIME,
  })
  .transform(inMinutes)
  .refine((minutes) => minutes > 0 && minutes <= LONGEST_MINUTES, TIME);

const COMMANDERS = "write, maintain, admin, or a list of logins";

/** A bot's login is exact: a pattern would let in whoever registers a name that fits. */
const BotLogin = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\[bot\]$/, "a bot's exact login, such as `renovate[bot]` (no `*`)");

export const Backend = z.strictObject({
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

export const Model = z.strictObject({ backend: Name.describe("The backend that runs this model.") });
export type Model = z.infer<typeof Model>;

export const Alias = z.strictObject({
  model: Name.describe("The model that the alias stands for."),
  prompt: z.string().max(8_000).optional().describe("The worker's role: text that goes before its task."),
});
export type Alias = z.infer<typeof Alias>;

/** The file as people write it. */
export const ConfigFile = z.strictObject({
  default: Name.optional().describe("Model or alias for tasks that name none."),
  backends: z.record(Name, Backend).optional().describe("Commands that start a coding agent, by name."),
  models: z
    .record(Name, Model)
    .optional()
    .describe("Models that people may name, by id. One that is called like its backend is the CLI's own default."),
  aliases: z.record(Name, Alias).optional().describe("Other names for models, with a role of their own."),
  confirm_default: z.boolean().default(true).describe("Ask before a task that names no model starts."),
  answer_timeout: Minutes.default(10).describe(
    "How long a question keeps the worker waiting before the task is parked.",
  ),
  timeout: Minutes.default(330).describe("How long a run may take."),
  budget_usd: z.number().positive().optional().describe("US dollars that a run may cost; it ends when it costs more."),
  pull_request: z.enum(["draft", "ready", "none"]).default("draft").describe("What the work on an issue is opened as."),
  isolation: z.enum(["user", "none"]).default("user").describe("Whether the worker runs as a user of its own."),
  signoff: z.boolean().default(false).describe("Add Signed-off-by to commits."),
  keep: z.number().positive().default(30).describe("Days that the files of an ended task are kept."),
  commanders: z
    .union(
      [
        z.enum(["write", "maintain", "admin"]),
        z
          .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "the login of a person"))
          .min(1, COMMANDERS)
          .max(100),
      ],
      { error: COMMANDERS },
    )
    .default("write")
    .describe("Who may command: people with this role, or the listed people, who must have write access as well."),
  bots: z.array(BotLogin).max(100).default([]).describe("Bots that may command, by their exact logins."),
  forks: z
    .enum(["refuse", "read-only"])
    .default("refuse")
    .describe("What is done about a fork's pull request: nothing, or reports that push nothing."),
  env: z.array(EnvironmentName).max(100).default([]).describe("Further environment variables that the worker may see."),
  agents: z
    .record(Name, Backend)
    .optional()
    .meta({ deprecated: true })
    .describe(
      "The old format: commands by the names that people use. `/dispatch migrate my config` turns it into the new one.",
    ),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** How the CLIs that we know are started where the config does not say it. */
export const KNOWN_BACKENDS: Readonly<Record<"claude" | "cursor" | "codex", Backend>> = {
  claude: { command: "claude -p --dangerously-skip-permissions" },
  cursor: { command: 'agent -p --force --workspace "$(pwd)"' },
  codex: { command: 'codex exec --dangerously-bypass-approvals-and-sandbox -C "$(pwd)"' },
};

export const BUILT_IN_MODELS: Readonly<Record<"opus" | "sonnet" | "haiku", Model>> = {
  opus: { backend: "claude" },
  sonnet: { backend: "claude" },
  haiku: { backend: "claude" },
};

function inMinutes(time: number | string): number {
  if (typeof time === "number") return time;
  return Number.parseFloat(time) * (UNITS[time.at(-1) ?? "m"] ?? 1);
}

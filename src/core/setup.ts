import { parse, stringify } from "yaml";
import { z } from "zod";
import type { CliKind } from "./setup-clis.ts";
import { Grant, Workflow } from "./setup-workflow.ts";

/** What reaches a command as an argument; the config asks the same of names. */
export const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}$/;

/** A model as a CLI lists it: the id that it is called by, and the name that people know. */
export const ListedModel = z.object({ id: z.string().regex(MODEL_ID), name: z.string() });
export type ListedModel = z.infer<typeof ListedModel>;

export const Cli = z.object({
  kind: z.enum(["claude", "codex", "cursor"]),
  /** Null when it would not say. */
  version: z.string().nullable(),
  /** How it may reach its models. `name` is the environment variable's; the key itself is written nowhere. */
  access: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("key"), name: z.string() }),
    z.object({ kind: z.literal("login") }),
    z.object({ kind: z.literal("none") }),
  ]),
  models: z.array(ListedModel),
  /** Why it lists no models although it should; null where it does, or cannot be asked. */
  modelsUnknown: z.string().nullable(),
});
export type Cli = z.infer<typeof Cli>;

/** What doctor has found on a runner, and in the repository as far as a run can see it. */
export const Setup = z.object({
  version: z.literal(1),
  /** ISO 8601 */
  at: z.string(),
  /** Those that are on the runner. */
  clis: z.array(Cli),
  /** Programs that the config's other commands start. */
  programs: z.array(z.object({ name: z.string(), found: z.boolean() })),
  /** Whether programs may make user namespaces, which Codex's own sandbox needs. */
  userNamespaces: z.enum(["allowed", "refused", "unknown"]),
  /** Whether workers run as a user of their own. */
  isolation: z.enum(["user", "none"]),
  workflow: Workflow,
  /** What the run's token may do, as far as the workflow's words and harmless looks tell. */
  permissions: z.object({ contents: Grant, issues: Grant, "pull-requests": Grant }),
  /** Where the config comes from, and whether the organisation's was to be seen. */
  config: z.object({
    from: z.enum(["repository", "organisation", "none"]),
    organisation: z.enum(["found", "none", "unseen", "not-needed"]),
  }),
  /** The App that has started this run; null for a person or the workflow itself. */
  startedBy: z.string().nullable(),
  /** GitHub's words where this could not be written down for the next who wants to know. */
  recordRefused: z.string().nullable(),
});
export type Setup = z.infer<typeof Setup>;

/** The text of `setup.yaml`. */
export function renderSetup(setup: Setup): string {
  return `# What \`/dispatch doctor\` last found. Written by Dispatch; no use changing it.\n${stringify(setup, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** Null for no record, and for one that cannot be read: then nothing is known. */
export function readSetup(text: string | null): Setup | null {
  if (text === null || text.length > 500_000) return null;
  try {
    return Setup.safeParse(parse(text, { maxAliasCount: 0, logLevel: "error" })).data ?? null;
  } catch {
    return null;
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether a record says more than the one that stands there: something beside the time, or that it still holds after a day. */
export function isNews(text: string, present: string | null): boolean {
  const [now, before] = [readSetup(text), readSetup(present)];
  if (now === null || before === null) return text !== present;
  if (renderSetup({ ...now, at: "" }) !== renderSetup({ ...before, at: "" })) return true;
  const age = Date.parse(now.at) - Date.parse(before.at);
  return !(age <= DAY_MS);
}

export function cliOf(setup: Setup, kind: CliKind): Cli | null {
  return setup.clis.find((cli) => cli.kind === kind) ?? null;
}

import { parse } from "yaml";
import { z } from "zod";

export const WORKFLOW_PATH = ".github/workflows/dispatch.yml";

/** What the ready-made workflow says of itself, as `# dispatch-workflow: 1`. Counted up when people have to copy it anew. */
export const WORKFLOW_VERSION = 1;

/** What a job's token may do with one thing; "unknown" where nothing that a run can see tells. */
export const Grant = z.enum(["write", "read", "none", "unknown"]);
export type Grant = z.infer<typeof Grant>;

/** What the workflow file on the default branch says. */
export const Workflow = z.discriminatedUnion("kind", [
  /** GitHub did not show it; `missing` where it said that there is none. */
  z.object({ kind: z.enum(["missing", "unseen", "unreadable"]) }),
  z.object({
    kind: z.literal("read"),
    /** Null for a file from before versions were written down, or of the user's own making. */
    version: z.number().int().nullable(),
    /** Who hears the conversation: this workflow, or a server that only starts it. */
    hosting: z.enum(["action", "server"]),
    /** Names of environment variables that the step which works is handed. */
    handsOver: z.array(z.string()),
    work: z.object({ contents: Grant, issues: Grant, "pull-requests": Grant }),
    /** Of the job that hears the conversation and starts the others; "unknown" where there is none. */
    startsRuns: Grant,
  }),
]);
export type Workflow = z.infer<typeof Workflow>;

const Environment = z.record(z.string(), z.unknown()).catch({});
const Permissions = z.union([z.string(), z.record(z.string(), z.string())]).nullish();
const Step = z.object({
  uses: z.string().optional().catch(undefined),
  with: z.record(z.string(), z.unknown()).default({}).catch({}),
  env: Environment.default({}),
});
const Job = z.object({ permissions: Permissions, env: Environment.default({}), steps: z.array(Step).default([]) });
type Job = z.infer<typeof Job>;
const File = z.object({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: Permissions,
  env: Environment.default({}),
  jobs: z.record(z.string(), z.unknown()),
});
type File = z.infer<typeof File>;

/** @param text null where the file does not exist */
export function readWorkflow(text: string | null): Workflow {
  if (text === null) return { kind: "missing" };
  const file = parseFile(text);
  if (file === null) return { kind: "unreadable" };
  // A job that calls another workflow has no steps and is none of ours.
  const jobs = Object.values(file.jobs).flatMap((job) => Job.safeParse(job).data ?? []);
  const work = jobs.find((job) => workStep(job) !== undefined);
  const step = work && workStep(work);
  const hears = jobs.find((job) => job.steps.some((each) => each.uses === step?.uses && isListening(each.with)));
  // Another token than the job's own may do other things.
  const ownToken = step !== undefined && !Object.hasOwn(step.with, "github-token");
  const grant = (name: string) => (ownToken ? grantOf(work, file, name) : "unknown");
  return {
    kind: "read",
    version: versionOf(text),
    hosting: events(file).includes("issue_comment") ? "action" : "server",
    handsOver: Object.keys({ ...file.env, ...work?.env, ...step?.env }),
    work: { contents: grant("contents"), issues: grant("issues"), "pull-requests": grant("pull-requests") },
    startsRuns: hears === undefined ? "unknown" : grantOf(hears, file, "actions"),
  };
}

function parseFile(text: string): File | null {
  // GitHub takes no larger ones, and reading takes time that grows with the square of a text's keys.
  if (text.length > 200_000) return null;
  try {
    return File.safeParse(parse(text, { maxAliasCount: 100, logLevel: "error" })).data ?? null;
  } catch {
    return null;
  }
}

function versionOf(text: string): number | null {
  const said = /^#[ \t]?dispatch-workflow: ?(\d{1,6})[ \t]?\r?$/m.exec(text)?.[1];
  return said === undefined ? null : Number(said);
}

function events({ on }: File): readonly string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on : Object.keys(on);
}

/** The step that works on tasks: the only one that is handed a task and is not there to settle it. */
function workStep(job: Job): Job["steps"][number] | undefined {
  return job.steps.find(
    ({ uses, with: inputs }) =>
      uses !== undefined && (Object.hasOwn(inputs, "task") || Object.hasOwn(inputs, "prompt")) && !isSettling(inputs),
  );
}

function isSettling(inputs: Readonly<Record<string, unknown>>): boolean {
  return inputs["settle"] === true || inputs["settle"] === "true";
}

function isListening(inputs: Readonly<Record<string, unknown>>): boolean {
  return !["task", "prompt", "settle", "github-token"].some((name) => Object.hasOwn(inputs, name));
}

/** A job's own permissions take the place of the file's. Where neither says any, the repository's default counts, which nobody can see. */
function grantOf(job: Job | undefined, file: File, name: string): Grant {
  const said = job?.permissions ?? file.permissions;
  if (said === undefined || said === null) return "unknown";
  if (said === "write-all") return "write";
  if (said === "read-all") return "read";
  if (typeof said === "string") return "unknown";
  const grant = Object.hasOwn(said, name) ? said[name] : "none";
  return Grant.safeParse(grant).data ?? "unknown";
}

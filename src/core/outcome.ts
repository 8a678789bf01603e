import { machineTrouble } from "./machine-trouble.ts";
import { type ChecklistItem, isProvisional, type Plan, progress } from "./plan.ts";
import type { Cause, Outcome } from "./task.ts";

/** How a worker's process ended, and what its event stream said of it. */
export interface Ending {
  readonly plan: Plan;
  readonly exit: { readonly code: number | null; readonly signal: string | null; readonly tail: string };
  /** The cause that the CLI itself named, if it did. */
  readonly cause: Cause | null;
}

/** What a task came to. The plan decides; a green exit with nothing done is a failure. */
export function outcomeOf({ plan, exit, cause }: Ending): Outcome {
  const decided = outcomeOfPlan(plan);
  if (decided !== null) return decided;
  const { done } = progress(plan);
  const known = cause ?? causeOfExit(exit);
  if (known !== null) return failure(known, `${left(plan)} ${CAUSES[known].sentence}`, CAUSES[known].nextStep);
  if (done === 0) {
    return failure(
      "nothing-done",
      `The worker ended without doing anything${code(exit)}.`,
      "Look at the run's log for what it said, then retry, perhaps with another model.",
    );
  }
  return failure(
    "items-left",
    `${left(plan)} The worker ended before the rest${code(exit)}.`,
    "Retry to go on with what is left.",
  );
}

/** What the plan alone decides, however its worker came to its end: an item that failed, or everything done. */
export function outcomeOfPlan(plan: Plan): Outcome | null {
  const failed = plan.items.find(({ marker }) => marker === "error");
  if (failed !== undefined) return itemError(failed);
  const { done, total } = progress(plan);
  return total > 0 && done === total ? { kind: "done" } : null;
}

/** The most likely cause that exit code and last output speak of; null when they say nothing. */
export function causeOfExit({ code, signal, tail }: Ending["exit"]): Cause | null {
  // Bash's own line, not one that the worker met on its way and that its event stream repeats.
  if (code === 127 || /^bash: (?:line \d+: )?[^\n]*: command not found$/m.test(tail)) return "cli-missing";
  if (code === 0) return null;
  return causeOfText(tail) ?? causeOfSignal(code, signal);
}

/** A shell between us and the CLI tells its signal by 128 and the signal's number. */
const KILLED = 128 + 9;

function causeOfSignal(code: number | null, signal: string | null): Cause | null {
  // We have not killed it: then this would not be asked. The kernel does, and no program can say so itself.
  if (signal === "SIGKILL" || code === KILLED) return "out-of-memory";
  return signal === null ? null : "crashed";
}

/** The cause that an error message speaks of. */
export function causeOfText(text: string): Cause | null {
  return SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? null;
}

// Order matters: "429 … insufficient_quota" is about money, not about waiting.
const SIGNS: readonly (readonly [Cause, RegExp])[] = [
  ["out-of-memory", /JavaScript heap out of memory|\bENOMEM\b|cannot allocate memory/i],
  ["cli-outdated", /unexpected argument|unknown option|unrecognized (option|argument)/i],
  ["quota", /insufficient[_ ]quota|credit balance|billing|resource[_ ]exhausted|usage limit/i],
  ["secret-missing", /not logged in|missing environment variable/i],
  ["auth", /\b401\b|invalid (api|x-api) ?-?key|incorrect api key|authentication|unauthorized/i],
  // Codex says of models that are new to it, and works, that their metadata was not found.
  ["model-unknown", /model(?! metadata)[^\n]{0,60}(not found|(does|may) not exist|not available)|unknown model/i],
  ["overloaded", /\b(429|503|529)\b|overloaded|rate[_ ]limit/i],
  ["network", /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|network is unreachable|connection ?refused/i],
];

const CAUSES: Readonly<Record<Cause, { readonly sentence: string; readonly nextStep: string }>> = {
  "item-error": { sentence: "The worker met an error.", nextStep: "Put it right, then retry." },
  "items-left": { sentence: "The worker ended early.", nextStep: "Retry to go on with what is left." },
  "nothing-done": { sentence: "The worker did nothing.", nextStep: "Look at the run's log, then retry." },
  "cli-missing": {
    sentence: "The worker's command line tool is not on the runner.",
    nextStep: "Install it in a step before ours in `.github/workflows/dispatch.yml`, then retry.",
  },
  "cli-outdated": {
    sentence: "The worker's command line tool did not understand its options.",
    nextStep: "Compare the backend's command in `.github/dispatch.yml` with the tool's version, then retry.",
  },
  "secret-missing": {
    sentence: "The model's key is not there.",
    nextStep: "Add it as a repository secret and hand it on in `.github/workflows/dispatch.yml`, then retry.",
  },
  auth: {
    sentence: "The model's provider did not accept the key.",
    nextStep: "Renew the repository secret that holds the key, then retry.",
  },
  quota: {
    sentence: "The account at the model's provider has no credit or quota left.",
    nextStep: "Top it up, or retry with a model of another provider.",
  },
  overloaded: {
    sentence: "The model's provider was overloaded or limited the rate.",
    nextStep: "Retry in a while, or with another model.",
  },
  "model-unknown": {
    sentence: "The model's provider does not know this model.",
    nextStep: "Retry with another model, and correct the name in `.github/dispatch.yml`.",
  },
  network: {
    sentence: "The model's provider could not be reached.",
    nextStep: "Check the runner's network and proxy settings, then retry.",
  },
  crashed: {
    sentence: "The worker was killed.",
    nextStep: "Retry to go on with what is left; if it happens again, look at the run's log for what it said last.",
  },
  "out-of-memory": {
    sentence: "The worker was killed, probably because the runner ran out of memory.",
    nextStep:
      "Retry to go on with what is left. If it happens again, take a runner with more memory (`runs-on`), or ask for smaller steps.",
  },
  "not-saved": {
    sentence: "The work could not be saved.",
    nextStep: "Look at the run's log for the reason, then retry.",
  },
  timeout: {
    sentence: "The time limit was reached.",
    nextStep:
      "Retry to go on with what is left: the next run has the whole time again. For tasks to come, `timeout` in `.github/dispatch.yml` sets it.",
  },
  budget: {
    sentence: "The budget was used up.",
    nextStep:
      "Retry to go on with what is left: the next run has the whole budget again. For tasks to come, `budget_usd` in `.github/dispatch.yml` sets it.",
  },
  "push-refused": { sentence: "GitHub refused the push.", nextStep: "Do what GitHub's sentence asks for, then retry." },
  "not-started": { sentence: "The run could not be started.", nextStep: "Put that right, then retry." },
  dependency: {
    sentence: "A task that this one waits for was not finished.",
    nextStep: "Retry that one first, then this one; or retry this one as it is.",
  },
  "run-died": {
    sentence: "The run ended without a word: its runner died, or was stopped.",
    nextStep: "Retry to go on with what is left.",
  },
};

/** A failure that is known by its cause alone. */
export function failureBy(cause: Cause, plan: Plan): Outcome {
  const { sentence, nextStep } = CAUSES[cause];
  return failure(cause, `${left(plan)} ${sentence}`, nextStep);
}

/** What the worker did last could not even be committed on its own machine. */
export function notSaved(plan: Plan, reason: string): Outcome {
  const trouble = machineTrouble(reason);
  const { sentence, nextStep } = CAUSES["not-saved"];
  const said = trouble === null ? `${sentence} ${reason}` : `${sentence} ${trouble.sentence}`;
  return failure("not-saved", `${left(plan)} ${said}`, trouble?.nextStep ?? nextStep);
}

/** The worker has cost more than it may. */
export function budgetReached(
  plan: Plan,
  { spent, budget }: { readonly spent: number; readonly budget: number },
): Outcome {
  const sentence = `A run may cost ${dollars(budget)}, and this one has cost ${dollars(spent)}.`;
  return failure("budget", `${left(plan)} ${sentence}`, CAUSES.budget.nextStep);
}

/** The job's own time was used up, and so was that of the runs which have gone on by themselves. */
export function jobTimeUsedUp(plan: Plan, runs: number): Outcome {
  const sentence =
    runs === 1 ? "The job's time was used up." : `The job's time was used up in ${runs} runs, one after the other.`;
  return failure("timeout", `${left(plan)} ${sentence}`, "Retry to go on with what is left.");
}

export function failure(cause: Cause, sentence: string, nextStep: string): Outcome {
  return { kind: "failed", cause, sentence: sentence.trim(), nextStep };
}

function itemError({ text, explanation }: ChecklistItem): Outcome {
  const reason = explanation.join(" ").trim();
  return failure(
    "item-error",
    `The worker could not do “${text}”${reason === "" ? "." : `: ${reason}`}`,
    "Put that right, or say how to go on in a note, then retry.",
  );
}

function left(plan: Plan): string {
  const { done, total } = progress(plan);
  return isProvisional(plan) || done === 0 ? "Nothing is done yet." : `${done} of ${total} items are done.`;
}

function code({ code: exitCode, signal }: Ending["exit"]): string {
  if (signal !== null) return ` (killed by ${signal})`;
  return exitCode === null || exitCode === 0 ? "" : ` (exit code ${exitCode})`;
}

function dollars(amount: number): string {
  // Cents are enough, unless the amount has none.
  return `$${amount >= 0.01 ? amount.toFixed(2) : Number(amount.toPrecision(2))}`;
}

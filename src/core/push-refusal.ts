import { failure } from "./outcome.ts";
import { isSkipped, type Plan, withMarker } from "./plan.ts";
import { commitLine } from "./safe-text.ts";
import type { Outcome } from "./task.ts";

/** A push that GitHub did not take. */
interface RefusedPush {
  /** GitHub's own words. */
  readonly sentence: string;
  readonly branch: string;
}

/** The ending of a task whose work is done and has not arrived. */
export function pushRefused(push: RefusedPush): Outcome {
  const sentence = `The work is done, but GitHub refused the push: ${push.sentence.replace(/^error: /, "")}`;
  return failure("push-refused", sentence, `${remedy(push)} Then retry.`);
}

// Order matters: rulesets (GH013) refuse secrets and missing signatures as well.
const REMEDIES: readonly (readonly [RegExp, (branch: string) => string])[] = [
  [
    /secret|GH009/i,
    () =>
      "Take the secret out of the work (say in a note where it belongs instead), or allow it by the link in GitHub's sentence.",
  ],
  [
    /GH001|larger than|exceeds|too large|file size/i,
    () => "Keep the large file out of git, or let Git LFS hold it: say which in a note.",
  ],
  [
    /signature|signed/i,
    (branch) => `Exclude ${branches(branch)} from the ruleset or protection that requires signed commits.`,
  ],
  [
    /GH006|protected branch/i,
    (branch) =>
      branch.startsWith("dispatch/")
        ? "Exclude `dispatch/**` from the branch protection."
        : `Let Dispatch push to ${code(branch)}, or write the command again with “in a worktree”: then the work goes to a branch of its own.`,
  ],
  [
    /workflows?` permission|workflow` scope/i,
    () =>
      "Only a token with the permission `workflows: write` may change `.github/workflows`: hand one over as `github-token`, or make that change yourself.",
  ],
  [/archived/i, () => "Unarchive the repository."],
  [
    /permission to \S+ denied|write access|\b403\b/i,
    () => "Give the job the permission `contents: write` in `.github/workflows/dispatch.yml`.",
  ],
];

function remedy({ sentence, branch }: RefusedPush): string {
  const known = REMEDIES.find(([sign]) => sign.test(sentence));
  return known?.[1](branch) ?? `Exclude ${branches(branch)} from the ruleset in the repository's settings under Rules.`;
}

function branches(branch: string): string {
  return branch.startsWith("dispatch/") ? "`dispatch/**`" : code(branch);
}

function code(branch: string): string {
  return `\`${branch.replaceAll("`", "'")}\``;
}

/**
 * A plan in which every step counts as done whose work has arrived: the run that pushed it has died before it could tick it.
 * @param lines of the messages under which the work was committed
 */
export function withArrived(plan: Plan, lines: readonly string[]): Plan {
  const known = new Set(lines);
  return plan.items.reduce(
    (current, { marker, text }, index) =>
      (marker === "open" || marker === "blocked") && known.has(commitLine(text, 200))
        ? withMarker(current, index, "done")
        : current,
    plan,
  );
}

/**
 * A plan in which no step counts as done whose work has not arrived: it is gone with its runner, so a retry has to do it again.
 * @param commits messages of what did not arrive
 */
export function withoutUnarrived(plan: Plan, commits: readonly string[]): Plan {
  const done = plan.items.map((item) => item.marker === "done" && !isSkipped(item));
  const words = commits.map((message) => new Set(message.split("\n")));
  const steps = plan.items.map(({ text }) => commitLine(text, 200));
  const isKnown = words.length > 0 && words.every((lines) => steps.some((step) => lines.has(step)));
  // A worker that commits by itself uses words of its own: then nobody knows which steps they were for.
  const isLost = (index: number) => !isKnown || words.some((lines) => lines.has(steps[index] ?? ""));
  return plan.items.reduce(
    (current, _, index) =>
      done[index] === true && isLost(index)
        ? withMarker(current, index, "open", "Done once, but GitHub refused the push.")
        : current,
    plan,
  );
}

import { describe, expect, it } from "vitest";
import { budgetReached, failureBy, jobTimeUsedUp, outcomeOf } from "../../src/core/outcome.ts";
import { firstPlan, parsePlan } from "../../src/core/plan.ts";
import { pushRefused } from "../../src/core/push-refusal.ts";
import { type ResultFacts, renderResult } from "../../src/core/result-comment.ts";
import type { Outcome, Task } from "../../src/core/task.ts";
import { ID, REF, REPOSITORY, RUN, sampleTask } from "./sample-task.ts";

const PLAN = parsePlan("# Add a /health endpoint\n- [x] Add the route\n- [ ] Test it\n");
const SUMMARY = { commits: 1, files: ["a"], insertions: 4, deletions: 2 };
const BRANCH = `dispatch/${ID}`;

interface Ended {
  readonly outcome: Outcome;
  readonly facts?: ResultFacts;
  readonly task?: Partial<Task>;
  readonly plan?: typeof PLAN;
}

/** What people read of an ending before its figures and links; boxes by their labels. */
function words({ outcome, facts = {}, task = {}, plan = PLAN }: Ended): string {
  const state = { kind: "finished", run: RUN, at: "2026-11-20T10:07:00Z", outcome } as const;
  const body = renderResult({
    task: sampleTask(state, task),
    ref: REF,
    plan,
    output: null,
    facts,
    repository: REPOSITORY,
  });
  const [, ...lines] = body.replaceAll(/ <!-- dispatch:do .* -->/g, "").split("\n");
  return lines
    .filter((line) => !/^<sub>|^\[Status\]/.test(line))
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

const STEPS = "**1 of 2 steps are done:**\n\n- ✅ Add the route\n- ⬜ Test it";
const HEAD = "### ❗ Add a /health endpoint\n\n@mona this could not be finished.";

/** Every ending that leaves something to do, as the thread tells it. */
const ENDINGS: readonly (Ended & { readonly what: string; readonly says: string })[] = [
  {
    what: "a failed step",
    outcome: outcomeOf({
      plan: parsePlan("# T\n- [x] Add the route\n- [!] Test it\n  No network here.\n"),
      exit: { code: 0, signal: null, tail: "" },
      cause: null,
    }),
    plan: parsePlan("# T\n- [x] Add the route\n- [!] Test it\n  No network here.\n"),
    says: `${HEAD}

> [!CAUTION]
> The worker could not do “Test it”: No network here.
>
> **What to do:** Put that right, or say how to go on in a note, then retry.

**➡️ Pull request: [#12](https://github.com/octo-org/hello/pull/12)**

**1 of 2 steps are done:**

- ✅ Add the route
- ❗ Test it
  > No network here.

- [ ] Retry what is left
- [ ] Skip this step, and go on with the rest
- [ ] Retry with \`sonnet\``,
  },
  {
    what: "steps left",
    outcome: outcomeOf({ plan: PLAN, exit: { code: 0, signal: null, tail: "" }, cause: null }),
    says: `${HEAD}

> [!CAUTION]
> 1 of 2 items are done. The worker ended before the rest.
>
> **What to do:** Retry to go on with what is left.

**➡️ Pull request: [#12](https://github.com/octo-org/hello/pull/12)**

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "nothing done",
    outcome: outcomeOf({ plan: parsePlan(""), exit: { code: 1, signal: null, tail: "" }, cause: null }),
    plan: firstPlan({ title: "T", request: "T", taskFolder: ".dispatch/tasks/a" }),
    task: { pullRequest: null },
    says: `${HEAD}

> [!CAUTION]
> The worker ended without doing anything (exit code 1).
>
> **What to do:** Look at the run's log for what it said, then retry, perhaps with another model.

_No plan was written._

- [ ] Retry
- [ ] Retry with \`sonnet\``,
  },
  {
    what: "the time limit",
    outcome: failureBy("timeout", PLAN),
    says: `${HEAD}

> [!CAUTION]
> 1 of 2 items are done. The time limit was reached.
>
> **What to do:** Retry to go on with what is left: the next run has the whole time again. For tasks to come, \`timeout\` in \`.github/dispatch.yml\` sets it.

**➡️ Pull request: [#12](https://github.com/octo-org/hello/pull/12)**

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "the job's own time limit, three times",
    outcome: jobTimeUsedUp(PLAN, 3),
    facts: { summary: SUMMARY },
    task: { pullRequest: null },
    says: `${HEAD}

> [!CAUTION]
> 1 of 2 items are done. The job's time was used up in 3 runs, one after the other.
>
> **What to do:** Retry to go on with what is left.

The work is on branch \`${BRANCH}\`.

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "the budget",
    outcome: budgetReached(PLAN, { spent: 0.75, budget: 0.5 }),
    says: `${HEAD}

> [!CAUTION]
> 1 of 2 items are done. A run may cost $0.50, and this one has cost $0.75.
>
> **What to do:** Retry to go on with what is left: the next run has the whole budget again. For tasks to come, \`budget_usd\` in \`.github/dispatch.yml\` sets it.

**➡️ Pull request: [#12](https://github.com/octo-org/hello/pull/12)**

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "a runner that died, told by another",
    outcome: failureBy("run-died", PLAN),
    task: { pullRequest: null },
    says: `${HEAD}

> [!CAUTION]
> 1 of 2 items are done. The run ended without a word: its runner died, or was stopped.
>
> **What to do:** Retry to go on with what is left.

What was pushed by then is on branch \`${BRANCH}\`.

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "a refused push",
    outcome: pushRefused({ sentence: "error: GH013: Commits must have verified signatures.", branch: BRANCH }),
    facts: { summary: SUMMARY, unpushed: { bundle: "/tmp/dispatch-work.bundle", runUrl: RUN.url } },
    task: { pullRequest: null },
    says: `${HEAD}

> [!CAUTION]
> The work is done, but GitHub refused the push: GH013: Commits must have verified signatures.
>
> **What to do:** Exclude \`dispatch/**\` from the ruleset or protection that requires signed commits. Then retry.

**📦 The work is kept in the artifact \`dispatch-work\` of [this run](${RUN.url}),** as a git bundle. A retry does these steps again.

<details><summary>Use the bundle yourself</summary>

Download and unpack the artifact, then, in your clone:

\`\`\`sh
git fetch dispatch-work.bundle ${BRANCH}
git switch --create ${BRANCH} FETCH_HEAD
\`\`\`

</details>

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "a cancel",
    outcome: { kind: "cancelled", by: "hubot" },
    facts: { summary: SUMMARY },
    task: { pullRequest: null },
    says: `### 🛑 Add a /health endpoint

@mona this was cancelled by **hubot**.

The work is on branch \`${BRANCH}\`.

${STEPS}

- [ ] Retry what is left`,
  },
  {
    what: "a cancel on the run's own page, of work that was refused",
    outcome: { kind: "cancelled", by: "" },
    facts: { summary: SUMMARY, unpushed: { bundle: null, runUrl: RUN.url } },
    task: { pullRequest: null },
    says: `### 🛑 Add a /health endpoint

@mona this was cancelled: its run was stopped.

The work could not be kept. A retry does it again.

${STEPS}

- [ ] Retry what is left`,
  },
];

describe("the result comment", () => {
  it.each(ENDINGS)("of $what", (ended) => {
    expect(words(ended)).toBe(ended.says);
  });

  it("folds many steps away", () => {
    const plan = parsePlan(`# T\n${"- [x] One more\n".repeat(11)}- [ ] Last\n`);
    expect(words({ outcome: failureBy("timeout", plan), plan })).toContain(
      "<details><summary>11 of 12 steps are done</summary>",
    );
  });

  it.each<Outcome>([{ kind: "done" }, { kind: "cancelled", by: "hubot" }, failureBy("timeout", PLAN)])(
    "says that nothing was pushed where a fork was only read: $kind",
    (outcome) => {
      const work = { base: "main", branch: BRANCH, onPullRequest: false, readOnly: true, pull: 3 } as const;
      const body = words({ outcome, task: { work, pullRequest: null } });
      expect(body).toContain("Nothing was pushed: the pull request is from a fork, which is only read.");
      expect(body).not.toContain(BRANCH);
    },
  );

  it("hands nobody a branch's name for a shell that is more than a name", () => {
    const work = { base: "main", branch: "fix;rm -r $HOME", onPullRequest: true };
    const facts = { unpushed: { bundle: "/tmp/a", runUrl: RUN.url } };
    const body = words({ outcome: failureBy("timeout", PLAN), facts, task: { work } });
    expect(body).toContain("The work is kept in the artifact");
    expect(body).not.toContain("git fetch");
  });
});

import { describe, expect, it } from "vitest";
import type { OwnAccess } from "../../src/adapters/github-api.ts";
import { GitHubBudget } from "../../src/adapters/github-budget.ts";
import { governed } from "../../src/adapters/github-client.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { githubConfigProposals } from "../../src/adapters/github-config-proposals.ts";
import { githubIssues } from "../../src/adapters/github-issues.ts";
import { githubLabels } from "../../src/adapters/github-labels.ts";
import { githubPullRequests } from "../../src/adapters/github-pull-requests.ts";
import { githubReactions } from "../../src/adapters/github-reactions.ts";
import { githubReviewThreads } from "../../src/adapters/github-review-threads.ts";
import { githubReviews } from "../../src/adapters/github-reviews.ts";
import { githubRuns } from "../../src/adapters/github-runs.ts";
import { githubSetupRecords } from "../../src/adapters/github-setup-records.ts";
import { githubTaskBranches } from "../../src/adapters/github-task-branch.ts";
import { authorized } from "../../src/adapters/github-token.ts";
import type { Call, FaultEffect } from "../../src/playground/github/faults.ts";
import { SimActions } from "../crash/sim-actions.ts";
import { GovernedGitHub } from "./governed-github.ts";

// Every writing call of every adapter, with every kind of trouble: what is left of it is what would have been left without.

const REF = { thread: "1", id: "fix-login-7k2q" };
const REPOSITORY = { server: "http://localhost", owner: "octo-org", repo: "hello" };
const HELLO = { owner: "octo-org", repo: "hello" };
const MARKED = "<!-- dispatch:status 1/fix-login-7k2q -->\nQueued";
const QUESTION = "<!-- dispatch:question 2/fix-login-7k2q 001 -->\nWhich?";

/** What is there when an act begins. Ids are the same in every world. */
interface Stage {
  readonly world: GovernedGitHub;
  readonly actions: SimActions;
  readonly access: OwnAccess & { readonly repository: typeof REPOSITORY };
  readonly comment: number;
  readonly reviewComment: number;
  readonly review: number;
  readonly pull: { readonly number: number; readonly nodeId: string; readonly url: string; readonly draft: boolean };
  readonly head: string;
}

async function stage(): Promise<Stage> {
  const world = await GovernedGitHub.create();
  const actions = new SimActions(world.github, () => undefined);
  const mona = authorized(world.client(), { present: async () => world.github.tokenOf("mona"), renew: async () => "" });
  const branch = {
    ...HELLO,
    branch: "fix",
    message: "Fix",
    path: "fix.txt",
    content: Buffer.from("1\n2\n").toString("base64"),
  };
  await mona.request("POST /repos/{owner}/{repo}/issues", { ...HELLO, title: "Login fails" });
  const main = await mona.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...HELLO, ref: "heads/main" });
  const { sha } = main.data.object;
  await mona.request("POST /repos/{owner}/{repo}/git/refs", { ...HELLO, ref: "refs/heads/fix", sha });
  await mona.request("PUT /repos/{owner}/{repo}/contents/{path}", branch);
  await mona.request("POST /repos/{owner}/{repo}/git/refs", { ...HELLO, ref: "refs/heads/other", sha });
  await mona.request("PUT /repos/{owner}/{repo}/contents/{path}", { ...branch, branch: "other" });
  const opened = await mona.request("POST /repos/{owner}/{repo}/pulls", {
    ...HELLO,
    head: "fix",
    base: "main",
    title: "Fix",
    draft: true,
  });
  const { number, html_url: url, node_id: nodeId } = opened.data;
  const review = await mona.request("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
    ...HELLO,
    pull_number: number,
    event: "COMMENT",
    body: "Looks odd",
    comments: [{ path: "fix.txt", line: 1, body: "/dispatch why?" }],
  });
  const said = await mona.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/comments", {
    ...HELLO,
    pull_number: number,
  });
  const api = world.client();
  const access = { ...world.access(authorized(api, renewed(world))), repository: REPOSITORY };
  const comment = await githubComments(access).create(1, "<!-- dispatch:overview 1/comment-1 -->\nOld");
  await githubTaskBranches(access).create({ ...REF, id: "old-0000" }, { "plan.md": "# Old\n" }, "Accept");
  const head = (await githubTaskBranches(access).read({ ...REF, id: "old-0000" }))?.head ?? "";
  await githubLabels(access).add(1, "dispatch: waiting");
  governed(api, new GitHubBudget(world.clock), world.clock);
  const pull = { number, nodeId, url, draft: true };
  return {
    world,
    actions,
    access,
    comment: comment.id,
    reviewComment: Number(said.data[0]?.id),
    review: Number(review.data.id),
    pull,
    head,
  };
}

/** A token, and another when it is refused. */
function renewed(world: GovernedGitHub) {
  let token = world.jobToken();
  return {
    present: async () => token,
    renew: async () => {
      token = world.jobToken();
      return token;
    },
  };
}

interface Act {
  readonly name: string;
  readonly run: (stage: Stage) => Promise<unknown>;
  /** Its result, where a lost reply makes it another one. */
  readonly afterLoss?: unknown;
}

/** A comment without the moment at which it was posted. */
function untimed(comment: object | null): object | null {
  return comment === null ? null : { ...comment, createdAt: null };
}

const old = { ...REF, id: "old-0000" };
const ACTS: readonly Act[] = [
  { name: "posting a comment", run: ({ access }) => githubComments(access).create(1, MARKED).then(untimed) },
  { name: "editing a comment", run: ({ access, comment }) => githubComments(access).edit(comment, "New") },
  { name: "deleting a comment", run: ({ access, comment }) => githubComments(access).remove(comment) },
  {
    name: "replying in a review thread",
    run: ({ access, pull, reviewComment }) =>
      githubReviewThreads(access).reply(pull.number, reviewComment, QUESTION).then(untimed),
  },
  {
    name: "reacting to a comment",
    run: ({ access, comment }) => githubReactions(access).add({ kind: "comment", id: comment, url: "" }, "eyes"),
    afterLoss: "again",
  },
  {
    name: "reacting to an issue",
    run: ({ access }) => githubReactions(access).add({ kind: "issue", id: 1, url: "" }, "eyes"),
    afterLoss: "again",
  },
  {
    name: "reacting to a review comment",
    run: ({ access, reviewComment }) =>
      githubReactions(access).add({ kind: "review-comment", id: reviewComment, url: "" }, "eyes"),
    afterLoss: "again",
  },
  {
    name: "reacting to a review",
    run: ({ access, review, pull }) =>
      githubReactions(access).add({ kind: "review", id: review, url: pull.url }, "eyes"),
  },
  { name: "setting a label", run: ({ access }) => githubLabels(access).add(2, "dispatch: waiting") },
  { name: "taking a label off", run: ({ access }) => githubLabels(access).remove(1, "dispatch: waiting") },
  {
    name: "accepting a task",
    run: ({ access }) => githubTaskBranches(access).create(REF, { "plan.md": "# Fix\n", "ipc/a": "b" }, "Accept"),
  },
  {
    name: "committing to a task",
    run: async ({ access, head }) => {
      const result = await githubTaskBranches(access).commit(old, head, {
        files: { "plan.md": "# New\n" },
        message: "Plan",
      });
      return typeof result === "string" ? result : "committed";
    },
    afterLoss: "stale",
  },
  { name: "removing a task", run: ({ access }) => githubTaskBranches(access).remove(old) },
  {
    name: "opening a pull request",
    run: async ({ access }) => {
      const draft = { branch: "other", base: "main", title: "Other", body: "", draft: true };
      const { nodeId: _, ...pull } = await githubPullRequests(access).open(draft);
      return pull;
    },
  },
  {
    name: "describing a pull request",
    run: ({ access, pull }) => githubPullRequests(access).describe(pull.number, { title: "Better", body: "Words" }),
  },
  { name: "making a pull request ready", run: ({ access, pull }) => githubPullRequests(access).markReady(pull) },
  { name: "opening an issue", run: ({ access }) => githubIssues(access).open("A question", QUESTION) },
  {
    name: "posting a review",
    run: ({ access, pull }) => {
      const comments = [{ path: "fix.txt", line: 2, startLine: null, body: "Why two?" }];
      const body = "<!-- dispatch:review 2/fix-login-7k2q 1 -->\nOne finding";
      return githubReviews(access).post(pull.number, { body, comments });
    },
  },
  { name: "starting a run", run: ({ access }) => githubRuns(access).start(REF, 1, "main") },
  {
    name: "cancelling a run",
    run: async ({ access, actions, world: { repository } }) => {
      const { id } = actions.start({ repository, name: "x", event: "workflow_dispatch", inputs: {}, payload: null });
      await githubRuns(access).cancel(id);
    },
  },
  {
    name: "proposing a config",
    run: async ({ access }) => {
      const proposals = githubConfigProposals(access);
      await proposals.read();
      const words = { message: "Propose", title: "Configure Dispatch", body: () => "Words" };
      return proposals.propose({ text: "default: opus\n", ...words });
    },
  },
  { name: "recording the set-up", run: ({ access }) => githubSetupRecords(access).write("version: 1\n") },
  {
    name: "recording the set-up again",
    run: async ({ access }) => {
      await githubSetupRecords(access).write("first\n");
      await githubSetupRecords(access).write("second\n");
    },
  },
];

/** All that people and programs can see of a world, but times and ids of what came late. */
async function seen({ world, actions }: Stage) {
  const { repository } = world;
  const remark = ({
    body,
    user,
    reactions,
  }: {
    body: string;
    user: { login: string };
    reactions: readonly { content: string; user: { login: string } }[];
  }) => `${user.login}: ${body} ${reactions.map(({ content, user: by }) => `${content} by ${by.login}`).join()}`;
  const issues = [...repository.issues.values()].map((issue) => ({
    issue: `${issue.title} ${remark(issue)}`,
    labels: issue.labels.map(({ name }) => name),
    comments: issue.comments.map(remark),
    draft: issue.pull?.draft ?? null,
    reviews: issue.pull?.reviews.map(remark) ?? [],
    reviewComments: issue.pull?.reviewComments.map(remark) ?? [],
  }));
  const branches: Record<string, readonly string[]> = {};
  for (const { name, oid } of await repository.git.refs("refs/heads/")) {
    const commits: string[] = [];
    for (let at: string | undefined = oid; at !== undefined; ) {
      const text: string = (await repository.git.object(at))?.data.toString() ?? "";
      // What it holds (a tree is called after its content), and what it says.
      commits.push(`${/^tree \S+/.exec(text)?.[0]} ${text.slice(text.indexOf("\n\n") + 2).trim()}`);
      at = /^parent (\S+)$/m.exec(text)?.[1];
    }
    branches[name] = commits;
  }
  return { issues, branches, runs: actions.runs.map(({ name }) => name) };
}

const MUTATION = /^\s*mutation\b/;
const writes = ({ method, graphql }: Call) => (graphql === null ? method !== "GET" : MUTATION.test(graphql));

const KINDS: readonly { readonly trouble: string; readonly then: FaultEffect; readonly losesReply?: true }[] = [
  { trouble: "a 500 before the effect", then: { status: 500 } },
  { trouble: "a 502 with a page of HTML", then: { status: 502, body: "<html>Unicorn!</html>" } },
  { trouble: "a connection that breaks before the effect", then: "drop-before-effect" },
  { trouble: "the effect and a lost reply", then: "drop-after-effect", losesReply: true },
  { trouble: "a 403 of the secondary limit", then: { status: 403, headers: { "retry-after": "5" } } },
  { trouble: "a 429", then: { status: 429 } },
  { trouble: "a 401 of a token that has ended", then: { status: 401 } },
];

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function act(run: Act["run"], faulty?: { readonly call: Call; readonly then: FaultEffect }) {
  const set = await stage();
  const from = set.world.github.calls.length;
  const { faults } = set.world.github;
  if (faulty !== undefined) {
    const { method, path, graphql } = faulty.call;
    const query = graphql === null ? {} : { graphql: new RegExp(escaped(graphql)) };
    faults.order({ match: { method, path: new RegExp(`^${escaped(path)}$`), ...query }, times: 1, then: faulty.then });
  }
  const result = await set.world.until(run(set), { stepMs: 500 });
  expect(faults.pending).toBe(0);
  return { result, seen: await seen(set), writing: set.world.github.calls.slice(from).filter(writes) };
}

describe.each(ACTS)("$name", ({ run, afterLoss }) => {
  it("takes place once, whatever happens to any of its calls", async () => {
    const calm = await act(run);
    expect(calm.writing.length).toBeGreaterThan(0);
    for (const call of calm.writing) {
      for (const { trouble, then, losesReply } of KINDS) {
        const what = `${trouble} at ${call.method} ${call.path}`;
        const after = await act(run, { call, then });
        expect(after.seen, what).toEqual(calm.seen);
        expect(after.result, what).toEqual(losesReply && afterLoss !== undefined ? afterLoss : calm.result);
      }
    }
  });
});

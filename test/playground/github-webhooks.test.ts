import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { verify } from "@octokit/webhooks-methods";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { App, GitHubEvent } from "../../src/playground/github/local-github.ts";
import { HELLO, type Playground, refusal, startPlayground, startReceiver } from "./github-fixture.ts";

let playground: Playground;
let app: App;
let status: number;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeEach(async () => {
  status = 200;
  playground = await startPlayground({ webhookTimeoutMs: 200 });
  receiver = await startReceiver(async () => {
    if (status === 0) await new Promise((resolve) => setTimeout(resolve, 1_000));
    return status || 200;
  });
  app = playground.github.addApp({ slug: "dispatch-app", webhookUrl: receiver.url, webhookSecret: "secret" });
});
afterEach(async () => {
  await playground.end();
  await receiver.end();
});

const asApp = () =>
  new Octokit({
    baseUrl: playground.address.api,
    authStrategy: createAppAuth,
    auth: { appId: app.appId, privateKey: app.privateKey, installationId: app.installationId },
  });

describe("webhooks", () => {
  it("arrive signed and in order", async () => {
    const mona = playground.as("mona");
    await mona.issues.create({ ...HELLO, title: "T", body: "b" });
    const { data } = await mona.issues.createComment({ ...HELLO, issue_number: 1, body: "one" });
    await playground.as("hubot").issues.updateComment({ ...HELLO, comment_id: data.id, body: "two" });
    await playground.github.webhooksSettled();
    const told = receiver.received.map(({ event, payload }) => `${event}.${payload.action} by ${payload.sender.login}`);
    expect(told).toEqual(["issues.opened by mona", "issue_comment.created by mona", "issue_comment.edited by hubot"]);
    for (const { body, signature } of receiver.received) expect(await verify("secret", body, signature)).toBe(true);
    expect(receiver.received[2]?.payload).toMatchObject({
      changes: { body: { from: "one" } },
      comment: { body: "two", user: { login: "mona" } },
      issue: { number: 1 },
      repository: { full_name: "octo-org/hello" },
      organization: { login: "octo-org" },
      installation: { id: app.installationId },
    });
  });

  it("tell of pull requests, reviews and their comments", async () => {
    const mona = playground.as("mona");
    await mona.repos.createOrUpdateFileContents({ ...HELLO, path: "x", message: "m", content: "eA==" });
    const sha = (await playground.repository.git.ref("refs/heads/main")) ?? "";
    await mona.git.createRef({ ...HELLO, ref: "refs/heads/topic", sha });
    await mona.repos.createOrUpdateFileContents({
      ...HELLO,
      path: "y",
      branch: "topic",
      message: "m",
      content: "eQ==",
    });
    await mona.pulls.create({ ...HELLO, title: "P", head: "topic", base: "main", body: "/dispatch look" });
    const comments = [{ path: "y", line: 1, body: "here" }];
    await playground
      .as("hubot")
      .pulls.createReview({ ...HELLO, pull_number: 1, event: "COMMENT", body: "fine", comments });
    await mona.repos.createOrUpdateFileContents({
      ...HELLO,
      path: "z",
      branch: "topic",
      message: "m",
      content: "eg==",
    });
    await playground.github.webhooksSettled();
    const told = receiver.received.map(({ event, payload }) => `${event}.${payload.action}`);
    expect(told).toEqual([
      "pull_request.opened",
      "pull_request_review.submitted",
      "pull_request_review_comment.created",
      "pull_request.synchronize",
    ]);
    expect(receiver.received[1]?.payload.review).toMatchObject({
      state: "commented",
      body: "fine",
      user: { login: "hubot" },
    });
  });

  it("are logged, and redelivered only when asked, under the same id", async () => {
    status = 500;
    await playground.as("mona").issues.create({ ...HELLO, title: "T" });
    await playground.github.webhooksSettled();
    const octokit = asApp();
    const [failed] = (await octokit.apps.listWebhookDeliveries()).data;
    expect(failed).toMatchObject({ status_code: 500, event: "issues", action: "opened", redelivery: false });
    status = 200;
    const redelivered = await octokit.apps.redeliverWebhookDelivery({ delivery_id: Number(failed?.id) });
    expect(redelivered.status).toBe(202);
    await playground.github.webhooksSettled();
    expect(receiver.received.map(({ delivery }) => delivery)).toEqual([failed?.guid, failed?.guid]);
    const [again] = (await octokit.apps.listWebhookDeliveries()).data;
    expect(again).toMatchObject({ status_code: 200, guid: failed?.guid, redelivery: true });
  });

  it("are given up after the time that a receiver has", async () => {
    status = 0;
    await playground.as("mona").issues.create({ ...HELLO, title: "T" });
    await playground.github.webhooksSettled();
    expect((await asApp().apps.listWebhookDeliveries()).data[0]).toMatchObject({
      status_code: 504,
      status: "timed out",
    });
  });

  it("go nowhere without a URL", async () => {
    playground.github.setWebhookUrl(app.appId, null);
    await playground.as("mona").issues.create({ ...HELLO, title: "T" });
    await playground.github.webhooksSettled();
    expect(receiver.received).toEqual([]);
  });
});

describe("an App", () => {
  it("acts as its bot with an installation token", async () => {
    const octokit = asApp();
    expect((await octokit.apps.getAuthenticated()).data).toMatchObject({ id: app.appId, slug: "dispatch-app" });
    expect((await octokit.apps.getRepoInstallation(HELLO)).data.id).toBe(app.installationId);
    const { data } = await octokit.issues.create({ ...HELLO, title: "From the App" });
    expect(data.user).toMatchObject({ login: "dispatch-app[bot]", type: "Bot" });
    await playground.github.webhooksSettled();
    expect(receiver.received[0]?.payload.sender).toMatchObject({ login: "dispatch-app[bot]", type: "Bot" });
  });

  it("is not believed with another key", async () => {
    const other = playground.github.addApp({ slug: "other-app" });
    const auth = { appId: app.appId, privateKey: other.privateKey, installationId: app.installationId };
    const octokit = new Octokit({ baseUrl: playground.address.api, authStrategy: createAppAuth, auth });
    expect((await refusal(octokit.apps.getAuthenticated())).status).toBe(401);
  });

  it("gets tokens for an hour and for no more than it may", async () => {
    let now = new Date("2026-11-01T12:00:00Z");
    const other = await startPlayground({ now: () => now });
    try {
      const made = other.github.addApp({ slug: "dispatch-app" });
      const auth = { appId: made.appId, privateKey: made.privateKey };
      const octokit = new Octokit({ baseUrl: other.address.api, authStrategy: createAppAuth, auth });
      const spec = { installation_id: made.installationId, permissions: { contents: "read" } } as const;
      const { data } = await octokit.apps.createInstallationAccessToken(spec);
      expect(data).toMatchObject({ expires_at: "2026-11-01T13:00:00Z", permissions: { contents: "read" } });
      const call = other.withToken(data.token).issues.create({ ...HELLO, title: "T" });
      expect(await refusal(call)).toMatchObject({ status: 403, message: "Resource not accessible by integration" });
      now = new Date("2026-11-01T13:00:00Z");
      expect((await refusal(other.withToken(data.token).repos.get(HELLO))).status).toBe(401);
    } finally {
      await other.end();
    }
  });
});

describe("a job's token", () => {
  const jobToken = () => {
    const account = playground.github.addUser("github-actions[bot]", { type: "Bot" });
    const permissions = { contents: "write", issues: "write", pull_requests: "write" } as const;
    return playground.github.issueToken({ account, kind: "job", repository: playground.repository, permissions });
  };

  it("makes events that say so", async () => {
    const events: GitHubEvent[] = [];
    playground.github.onEvent((event) => events.push(event));
    await playground.withToken(jobToken()).issues.create({ ...HELLO, title: "T" });
    expect(events).toMatchObject([
      { name: "issues", action: "opened", tokenKind: "job", actor: { login: "github-actions[bot]" } },
    ]);
  });

  it("opens pull requests only where the setting allows it, and drafts only where there are drafts", async () => {
    const octokit = playground.withToken(jobToken());
    await octokit.repos.createOrUpdateFileContents({ ...HELLO, path: "x", message: "m", content: "eA==" });
    const sha = (await playground.repository.git.ref("refs/heads/main")) ?? "";
    await octokit.git.createRef({ ...HELLO, ref: "refs/heads/topic", sha });
    await octokit.repos.createOrUpdateFileContents({
      ...HELLO,
      path: "y",
      branch: "topic",
      message: "m",
      content: "eQ==",
    });
    const open = (draft: boolean) => octokit.pulls.create({ ...HELLO, title: "P", head: "topic", base: "main", draft });
    expect(await refusal(open(false))).toMatchObject({
      status: 403,
      message: "GitHub Actions is not permitted to create or approve pull requests.",
    });
    playground.repository.settings.allowActionsToCreatePullRequests = true;
    playground.repository.settings.allowDrafts = false;
    const drafts = "Draft pull requests are not supported in this repository.";
    expect(await refusal(open(true))).toMatchObject({ status: 422, message: drafts });
    expect((await open(false)).data).toMatchObject({ number: 1, draft: false, commits: 1, changed_files: 1 });
    expect((await refusal(open(false))).status).toBe(422);
  });
});

describe("a fork", () => {
  it("sends pull requests that the base repository can read", async () => {
    const fork = await playground.github.addRepository({
      owner: "stranger",
      name: "hello",
      forkOf: playground.repository,
    });
    const stranger = playground.as("stranger");
    const place = { owner: "stranger", repo: "hello" };
    const sha = (await fork.git.ref("refs/heads/main")) ?? "";
    await stranger.git.createRef({ ...place, ref: "refs/heads/mine", sha });
    await stranger.repos.createOrUpdateFileContents({
      ...place,
      path: "x",
      branch: "mine",
      message: "m",
      content: "eA==",
    });
    const { data } = await stranger.pulls.create({ ...HELLO, title: "P", head: "stranger:mine", base: "main" });
    expect(data.head.repo.full_name).toBe("stranger/hello");
    const files = await playground.as("mona").pulls.listFiles({ ...HELLO, pull_number: 1 });
    expect(files.data.map(({ filename }) => filename)).toEqual(["x"]);
    const list = await playground.as("mona").pulls.list({ ...HELLO, head: "stranger:mine" });
    expect(list.data).toHaveLength(1);
    await playground.as("mona").pulls.merge({ ...HELLO, pull_number: 1 });
    expect((await playground.as("mona").pulls.get({ ...HELLO, pull_number: 1 })).data).toMatchObject({
      merged: true,
      state: "closed",
    });
    expect((await playground.as("mona").repos.getContent({ ...HELLO, path: "x" })).status).toBe(200);
  });
});

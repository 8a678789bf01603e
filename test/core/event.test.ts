import examples from "@octokit/webhooks-examples";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readEvent, type ThreadEvent, WAITING_LABEL } from "../../src/core/event.ts";

const SELF = ["dispatch-app[bot]", "github-actions[bot]"];

// GitHub's data, which each test changes as it likes.
type Payload = any;
const EXAMPLES: readonly Payload[] = z.array(z.any()).parse(examples);

/** GitHub's own example of an event, as a copy that a test may change. */
function example(name: string, action: string, change: (payload: Payload) => void = () => {}): Payload {
  const found: Payload = EXAMPLES.find((one) => one.name === name)?.examples.find(
    (one: Payload) => one.action === action,
  );
  if (found === undefined) throw new Error(`There is no example of ${name}.${action}.`);
  const payload = structuredClone(found);
  change(payload);
  return payload;
}

const read = (name: string, action: string, change?: (payload: Payload) => void) =>
  readEvent(name, example(name, action, change), SELF);
const label = { id: 1, name: WAITING_LABEL, color: "ededed" };

describe("a command is heard in", () => {
  const place = { path: "README.md", line: null, diffHunk: "@@ -1 +1 @@\n-# Hello-World" };
  const said = {
    kind: "said",
    owner: "Codertocat",
    repo: "Hello-World",
    by: { login: "Codertocat", id: 21031067 },
    byBot: false,
    body: "/dispatch fix it",
    waiting: false,
  };

  it.each([
    {
      name: "issue_comment",
      action: "created",
      field: "comment",
      expected: {
        thread: { kind: "issue", number: 1 },
        trigger: {
          kind: "comment",
          id: 492700400,
          url: "https://github.com/Codertocat/Hello-World/issues/1#issuecomment-492700400",
        },
        before: null,
        at: "2019-05-15T15:20:21Z",
        place: null,
      },
    },
    {
      name: "issues",
      action: "opened",
      field: "issue",
      expected: {
        thread: { kind: "issue", number: 1 },
        trigger: { kind: "issue", id: 1, url: "https://github.com/Codertocat/Hello-World/issues/1" },
        before: null,
        at: "2019-05-15T15:20:18Z",
        place: null,
      },
    },
    {
      name: "pull_request",
      action: "opened",
      field: "pull_request",
      expected: {
        thread: { kind: "pull", number: 2 },
        trigger: { kind: "issue", id: 2, url: "https://github.com/Codertocat/Hello-World/pull/2" },
        before: null,
        at: "2019-05-15T15:20:33Z",
        place: null,
      },
    },
    {
      name: "pull_request_review",
      action: "submitted",
      field: "review",
      expected: {
        thread: { kind: "pull", number: 2 },
        trigger: {
          kind: "review",
          id: 237895671,
          url: "https://github.com/Codertocat/Hello-World/pull/2#pullrequestreview-237895671",
        },
        before: null,
        at: "2019-05-15T15:20:38Z",
        place: null,
      },
    },
    {
      name: "pull_request_review_comment",
      action: "created",
      field: "comment",
      expected: {
        thread: { kind: "pull", number: 2 },
        trigger: {
          kind: "review-comment",
          id: 284312630,
          url: "https://github.com/Codertocat/Hello-World/pull/2#discussion_r284312630",
        },
        before: null,
        at: "2019-05-15T15:20:37Z",
        place,
      },
    },
  ])("$name, $action", ({ name, action, field, expected }) => {
    const event = read(name, action, (payload) => {
      payload[field].body = "/dispatch fix it";
    });
    expect(event).toMatchObject({ ...said, ...expected });
  });

  it.each([
    { name: "issue_comment", field: "comment", at: "2019-05-15T15:20:22Z" },
    { name: "issues", field: "issue", at: "2019-05-15T15:20:18Z" },
    { name: "pull_request_review_comment", field: "comment", at: "2019-05-15T15:20:38Z" },
  ])("an edit: $name", ({ name, field, at }) => {
    const event = read(name, "edited", (payload) => {
      payload.changes = { body: { from: "Hello" } };
      payload[field].body = "Hello\n/dispatch fix it";
      payload.sender = { ...payload.sender, login: "mona", id: 7 };
    });
    expect(event).toMatchObject({ kind: "said", before: "Hello", at, by: { login: "mona", id: 7 } });
  });

  it("a comment on a pull request", () => {
    const event = read("issue_comment", "created", (payload) => {
      payload.issue.pull_request = { url: "https://api.github.com/repos/Codertocat/Hello-World/pulls/1" };
      payload.comment.body = "/dispatch";
    });
    expect(event).toMatchObject({ thread: { kind: "pull", number: 1 } });
  });

  it("the body of a new pull request, by the event that a fork's pull request starts too", () => {
    const payload = example("pull_request", "opened", (one) => {
      one.pull_request.body = "Hi\n\n/dispatch review this";
    });
    expect(readEvent("pull_request_target", payload, SELF)).toMatchObject({ kind: "said", trigger: { kind: "issue" } });
  });

  it("an edited review, whose payload says no time of its own", () => {
    const payload = example("pull_request_review", "submitted", (one) => {
      one.action = "edited";
      one.changes = { body: { from: "" } };
      one.review.body = "/dispatch fix it";
    });
    expect(readEvent("pull_request_review", payload, SELF)).toMatchObject({
      kind: "said",
      before: "",
      at: "2019-05-15T15:20:38Z",
    });
  });

  it("a review comment that replies, with its line", () => {
    const event = read("pull_request_review_comment", "created", ({ comment }) => {
      Object.assign(comment, { body: "/dispatch fix it", line: 12, original_line: 10, in_reply_to_id: 99 });
    });
    expect(event).toMatchObject({
      place: { path: "README.md", line: 12 },
      trigger: { kind: "review-comment", id: 284312630, inReplyTo: 99 },
    });
  });
});

describe("in a thread that waits for an answer", () => {
  it.each([
    { name: "issue_comment", action: "created", topic: "issue" },
    { name: "pull_request_review_comment", action: "created", topic: "pull_request" },
    { name: "pull_request_review", action: "submitted", topic: "pull_request", review: "use 8080" },
  ])("any words are heard: $name", ({ name, action, topic, review }) => {
    const event = read(name, action, (payload) => {
      payload[topic].labels = [label];
      if (review !== undefined) payload.review.body = review;
    });
    expect(event).toMatchObject({ kind: "said", waiting: true });
  });

  it("edits of an answer are not", () => {
    const event = read("issue_comment", "edited", (payload) => {
      payload.issue.labels = [null, label];
    });
    expect(event).toMatchObject({ kind: "ignored", reason: "The edit adds no command." });
  });

  it("a review without words is not", () => {
    const event = read("pull_request_review", "submitted", (payload) => {
      payload.pull_request.labels = [label];
      payload.review.body = null;
    });
    expect(event).toMatchObject({ kind: "ignored" });
  });
});

describe("noise is ignored:", () => {
  it.each([
    { why: "no command", name: "issue_comment", action: "created" },
    {
      why: "a quoted command",
      name: "issue_comment",
      action: "created",
      field: "comment",
      body: "> text\n/dispatch fix",
    },
    { why: "an issue without a body", name: "issues", action: "opened", field: "issue", body: null },
    { why: "a deleted comment", name: "issue_comment", action: "deleted", field: "comment", body: "/dispatch fix" },
    { why: "a label", name: "issues", action: "labeled", field: "issue", body: "/dispatch fix" },
    { why: "a title's edit", name: "issues", action: "edited", field: "issue", body: "/dispatch fix" },
    {
      why: "a dismissed review",
      name: "pull_request_review",
      action: "dismissed",
      field: "review",
      body: "/dispatch fix",
    },
    { why: "a requested run", name: "workflow_run", action: "requested" },
    {
      why: "a pushed commit",
      name: "pull_request",
      action: "synchronize",
      field: "pull_request",
      body: "/dispatch fix",
    },
  ])("$why", ({ name, action, field, body }) => {
    const event = read(name, action, (payload) => {
      if (field !== undefined) payload[field].body = body;
    });
    expect(event).toEqual({ kind: "ignored", reason: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it("an issue that comes from another repository with its old command", () => {
    const payload = example("issues", "opened", (one) => {
      one.changes = { old_issue: { number: 7 }, old_repository: {} };
      one.issue.body = "/dispatch fix";
    });
    expect(readEvent("issues", payload, SELF)).toMatchObject({ kind: "ignored" });
  });

  it.each([
    undefined,
    null,
    1,
    "x",
    [],
    {},
    { action: "created" },
    { action: 1 },
    { action: "created", comment: { body: "/dispatch" } },
  ])("payload %j", (payload) => {
    expect(readEvent("issue_comment", payload, SELF)).toMatchObject({ kind: "ignored" });
  });

  it("every other example of GitHub's is read without an error", () => {
    for (const { name, examples: payloads } of EXAMPLES) {
      for (const payload of payloads) {
        const event = readEvent(name, payload, SELF);
        expect([name, event.kind]).toEqual([name, "ignored"]);
        if (event.kind === "ignored") expect(event.reason).not.toContain("cannot be read");
      }
    }
  });
});

describe("who is speaking", () => {
  const by =
    (sender: object, user: object = sender) =>
    (payload: Payload) => {
      Object.assign(payload.sender, sender);
      Object.assign(payload.comment.user, user);
      payload.comment.body = "/dispatch fix it";
    };

  it.each([
    { sender: { login: "dispatch-app[bot]", type: "Bot" } },
    { sender: { login: "GitHub-Actions[bot]", type: "Bot" } },
  ])("$sender.login is us, and ignored", ({ sender }) => {
    expect(read("issue_comment", "created", by(sender))).toMatchObject({ kind: "ignored" });
    expect(read("issue_comment", "edited", by(sender))).toMatchObject({ kind: "ignored" });
  });

  it.each([
    { sender: { login: "renovate[bot]", type: "Bot" }, byBot: true },
    { sender: { login: "ordinary-name", type: "Bot" }, byBot: true },
    { sender: { login: "robot-bot", type: "User" }, byBot: false },
  ])("the account's type makes $sender.login a bot: $byBot", ({ sender, byBot }) => {
    expect(read("issue_comment", "created", by(sender))).toMatchObject({ kind: "said", byBot });
  });

  it("a comment whose author is gone is edited by somebody who is not", () => {
    const event = read("issue_comment", "edited", (payload) => {
      payload.comment.user = null;
      payload.comment.body = "/dispatch fix it";
    });
    expect(event).toMatchObject({ kind: "said", by: { login: "Codertocat" } });
  });
});

describe("an edit of a comment of ours", () => {
  const ours =
    (change: (payload: Payload) => void = () => {}) =>
    (payload: Payload) => {
      payload.comment.user = { login: "dispatch-app[bot]", id: 99, type: "Bot" };
      payload.changes = { body: { from: "- [ ] Cancel" } };
      payload.comment.body = "- [x] Cancel";
      change(payload);
    };

  it("by somebody else is a tick", () => {
    const expected: ThreadEvent = {
      kind: "ticked",
      owner: "Codertocat",
      repo: "Hello-World",
      thread: { kind: "issue", number: 1 },
      comment: {
        kind: "comment",
        id: 492700400,
        url: "https://github.com/Codertocat/Hello-World/issues/1#issuecomment-492700400",
        author: "dispatch-app[bot]",
      },
      by: { login: "Codertocat", id: 21031067 },
      byBot: false,
      before: "- [ ] Cancel",
      after: "- [x] Cancel",
      at: "2019-05-15T15:20:22Z",
    };
    expect(read("issue_comment", "edited", ours())).toEqual(expected);
  });

  it("is a tick at a pull request's line, too", () => {
    expect(read("pull_request_review_comment", "edited", ours())).toMatchObject({
      kind: "ticked",
      thread: { kind: "pull", number: 2 },
      comment: {
        kind: "review-comment",
        id: 284312630,
        url: "https://github.com/Codertocat/Hello-World/pull/2#discussion_r284312630",
        author: "dispatch-app[bot]",
      },
      by: { login: "Codertocat", id: 21031067 },
      before: "- [ ] Cancel",
      after: "- [x] Cancel",
      at: "2019-05-15T15:20:38Z",
    });
  });

  it.each(["issue_comment", "pull_request_review_comment"])("by ourselves is nothing: %s", (name) => {
    const event = read(
      name,
      "edited",
      ours(({ sender }) => {
        sender.login = "github-actions[bot]";
      }),
    );
    expect(event.kind).toBe("ignored");
  });

  it.each(["issue_comment", "pull_request_review_comment"])(
    "never holds a command, even when somebody writes one into it: %s",
    (name) => {
      const event = read(
        name,
        "edited",
        ours(({ comment }) => {
          comment.body = "/dispatch fix it";
        }),
      );
      expect(event.kind).toBe("ticked");
    },
  );

  it("that left the text as it was is nothing", () => {
    const event = read(
      "issue_comment",
      "edited",
      ours((payload) => {
        payload.changes = {};
      }),
    );
    expect(event.kind).toBe("ignored");
  });
});

const OURS = { event: "workflow_dispatch", path: ".github/workflows/dispatch.yml" };

describe("a workflow run that ended", () => {
  it("is named by its title, whoever started it", () => {
    const event = read("workflow_run", "completed", (payload) => {
      Object.assign(payload.workflow_run, OURS, { display_title: "dispatch 1/add-health-7k2q #1", run_attempt: 2 });
      payload.sender.login = "dispatch-app[bot]";
    });
    expect(event).toMatchObject({
      kind: "run-ended",
      owner: "Codertocat",
      runName: "dispatch 1/add-health-7k2q #1",
      runId: expect.any(Number),
      tryNumber: 2,
    });
  });

  it.each([
    { event: "pull_request", path: ".github/workflows/ci.yml" },
    { event: "pull_request", path: OURS.path },
    { event: "workflow_dispatch", path: ".github/workflows/release.yml" },
  ])("is none of ours when anybody could have named it: $event of $path", (run) => {
    const event = read("workflow_run", "completed", (payload) => {
      Object.assign(payload.workflow_run, run, { display_title: "dispatch 1/add-health-7k2q #1" });
    });
    expect(event.kind).toBe("ignored");
  });

  it("is named by its workflow on hosts that say no title", () => {
    const event = read("workflow_run", "completed", (payload) => {
      Object.assign(payload.workflow_run, OURS);
      delete payload.workflow_run.display_title;
    });
    expect(event).toMatchObject({ kind: "run-ended", runName: expect.stringMatching(/./) });
  });
});

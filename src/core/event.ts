import { z } from "zod";
import { addedCommands, findCommands, mayHoldCommand } from "./command.ts";
import { readTick } from "./control.ts";
import { readMark } from "./marker.ts";
import type { Person, QuestionComment, Thread, Trigger } from "./task.ts";

/** The label by which a thread says that Dispatch waits for a person in it. */
export const WAITING_LABEL = "dispatch: waiting";

/** The workflow in which workers work. */
const WORKFLOW_PATH = ".github/workflows/dispatch.yml";

/** What an event of GitHub means to Dispatch. */
export type ThreadEvent =
  | Said
  /** Somebody edited a comment of ours: perhaps they ticked a box. */
  | {
      readonly kind: "ticked";
      readonly owner: string;
      readonly repo: string;
      readonly thread: Thread;
      readonly comment: QuestionComment;
      readonly by: Person;
      readonly byBot: boolean;
      readonly before: string;
      readonly after: string;
      readonly at: string;
    }
  | {
      readonly kind: "run-ended";
      readonly owner: string;
      readonly repo: string;
      readonly runId: number;
      /** GitHub's run attempt. */
      readonly tryNumber: number;
      readonly runName: string;
      readonly conclusion: string | null;
    }
  | { readonly kind: "ignored"; readonly reason: string };

/** Words that hold a command, or any words in a thread that waits for an answer. */
interface Said {
  readonly kind: "said";
  readonly owner: string;
  readonly repo: string;
  readonly thread: Thread;
  readonly trigger: Trigger;
  /** Who wrote or edited: theirs is the permission that counts. */
  readonly by: Person;
  readonly byBot: boolean;
  readonly body: string;
  /** For an edit, what stood there before. */
  readonly before: string | null;
  /** The thread waits for an answer. */
  readonly waiting: boolean;
  /** ISO 8601 */
  readonly at: string;
  /** For review comments: where they stand. */
  readonly place: { readonly path: string; readonly line: number | null; readonly diffHunk: string } | null;
}

const Action = z.object({ action: z.string() });
const Account = z.object({ login: z.string(), id: z.number(), type: z.string().optional() });
const Repository = z.object({ name: z.string(), owner: z.object({ login: z.string() }) });
const Labels = z
  .array(z.object({ name: z.string().nullish() }).nullable())
  .nullish()
  .transform((labels) => labels?.some((label) => label?.name === WAITING_LABEL) === true);
const Body = z
  .string()
  .nullish()
  .transform((body) => body ?? "");
const Changes = z.object({ body: z.object({ from: Body }).nullish(), old_issue: z.unknown().optional() }).nullish();
const Dates = { created_at: z.string(), updated_at: z.string() };
const Envelope = { repository: Repository, sender: Account, changes: Changes };

const Issue = z.object({
  number: z.number(),
  html_url: z.string(),
  body: Body,
  labels: Labels,
  pull_request: z.unknown().optional(),
  ...Dates,
});
const Pull = z.object({ number: z.number(), html_url: z.string(), body: Body, labels: Labels, ...Dates });
/** The account of a comment whose author is gone is null. */
const Comment = z.object({ id: z.number(), html_url: z.string(), body: Body, user: Account.nullish(), ...Dates });

const IssueComment = z.object({ ...Envelope, issue: Issue, comment: Comment });
const IssueChange = z.object({ ...Envelope, issue: Issue });
const PullChange = z.object({ ...Envelope, pull_request: Pull });
const Review = z.object({
  ...Envelope,
  pull_request: Pull,
  review: z.object({
    id: z.number(),
    html_url: z.string(),
    body: Body,
    submitted_at: z.string().nullish(),
    updated_at: z.string().nullish(),
  }),
});
const ReviewComment = z.object({
  ...Envelope,
  pull_request: Pull,
  comment: Comment.extend({
    path: z.string(),
    line: z.number().nullish(),
    original_line: z.number().nullish(),
    diff_hunk: z.string(),
    in_reply_to_id: z.number().nullish(),
  }),
});
const WorkflowRun = z.object({
  repository: Repository,
  workflow_run: z.object({
    id: z.number(),
    name: z.string().nullish(),
    display_title: z.string().nullish(),
    conclusion: z.string().nullish(),
    event: z.string(),
    path: z.string().nullish(),
    run_attempt: z.number().nullish(),
  }),
});

/**
 * Reads a webhook, or the event file of a workflow run, which holds the same.
 * @param self our own logins, such as `dispatch-app[bot]` and `github-actions[bot]`
 */
export function readEvent(name: string, payload: unknown, self: readonly string[]): ThreadEvent {
  const action = Action.safeParse(payload).data?.action ?? "";
  switch (`${name}.${action}`) {
    case "issue_comment.created":
    case "issue_comment.edited":
      return read(IssueComment, payload, (event) => issueComment(event, action, self));
    case "issues.opened":
    case "issues.edited":
      return read(IssueChange, payload, (event) => issueChange(event, action, self));
    case "pull_request.opened":
    case "pull_request.edited":
    case "pull_request_target.opened":
    case "pull_request_target.edited":
      return read(PullChange, payload, (event) => pullChange(event, action, self));
    case "pull_request_review.submitted":
    case "pull_request_review.edited":
      return read(Review, payload, (event) => review(event, action, self));
    case "pull_request_review_comment.created":
    case "pull_request_review_comment.edited":
      return read(ReviewComment, payload, (event) => reviewComment(event, action, self));
    case "workflow_run.completed":
      return read(WorkflowRun, payload, runEnded);
  }
  return ignored(`The event ${name}${action && `.${action}`} is none of Dispatch's.`);
}

function issueComment(event: z.infer<typeof IssueComment>, action: string, self: readonly string[]): ThreadEvent {
  const { comment, issue } = event;
  const thread = threadOf(issue.number, issue.pull_request ? "pull" : "issue");
  if (action === "edited" && isTicked(event, self)) return ticked(event, { kind: "comment", thread });
  return heard(event, action, self, {
    thread,
    trigger: { kind: "comment", id: comment.id, url: comment.html_url },
    body: comment.body,
    waiting: issue.labels,
    at: action === "edited" ? comment.updated_at : comment.created_at,
  });
}

function issueChange(event: z.infer<typeof IssueChange>, action: string, self: readonly string[]): ThreadEvent {
  const { issue } = event;
  // The old repository heard the command already; whoever moves an issue here has not said it again.
  if (event.changes?.old_issue !== undefined) return ignored("The issue was transferred from another repository.");
  return heard(event, action, self, {
    thread: threadOf(issue.number, "issue"),
    trigger: { kind: "issue", id: issue.number, url: issue.html_url },
    body: issue.body,
    waiting: false,
    at: action === "edited" ? issue.updated_at : issue.created_at,
  });
}

function pullChange(event: z.infer<typeof PullChange>, action: string, self: readonly string[]): ThreadEvent {
  const pull = event.pull_request;
  return heard(event, action, self, {
    thread: threadOf(pull.number, "pull"),
    trigger: { kind: "issue", id: pull.number, url: pull.html_url },
    body: pull.body,
    waiting: false,
    at: action === "edited" ? pull.updated_at : pull.created_at,
  });
}

function review(event: z.infer<typeof Review>, action: string, self: readonly string[]): ThreadEvent {
  const pull = event.pull_request;
  const submitted = event.review.submitted_at ?? pull.updated_at;
  return heard(event, action, self, {
    thread: threadOf(pull.number, "pull"),
    trigger: { kind: "review", id: event.review.id, url: event.review.html_url },
    body: event.review.body,
    waiting: pull.labels,
    at: action === "edited" ? (event.review.updated_at ?? pull.updated_at) : submitted,
  });
}

function reviewComment(event: z.infer<typeof ReviewComment>, action: string, self: readonly string[]): ThreadEvent {
  const { comment, pull_request: pull } = event;
  const thread = threadOf(pull.number, "pull");
  if (action === "edited" && isTicked(event, self)) return ticked(event, { kind: "review-comment", thread });
  const { in_reply_to_id: inReplyTo } = comment;
  return heard(event, action, self, {
    thread,
    trigger: {
      kind: "review-comment",
      id: comment.id,
      url: comment.html_url,
      ...(inReplyTo == null ? {} : { inReplyTo }),
    },
    body: comment.body,
    waiting: pull.labels,
    at: action === "edited" ? comment.updated_at : comment.created_at,
    place: { path: comment.path, line: comment.line ?? comment.original_line ?? null, diffHunk: comment.diff_hunk },
  });
}

/** Somebody's edit of a comment of ours. */
function ticked(
  event: Edited,
  { kind, thread }: { readonly kind: QuestionComment["kind"]; readonly thread: Thread },
): ThreadEvent {
  const { comment, sender, changes } = event;
  const before = changes?.body?.from;
  if (before === undefined) return ignored("The edit left the comment's text as it was.");
  return {
    kind: "ticked",
    ...repositoryOf(event),
    thread,
    comment: { kind, id: comment.id, url: comment.html_url, author: comment.user?.login ?? "" },
    ...authorOf(sender),
    before,
    after: comment.body,
    at: comment.updated_at,
  };
}

function runEnded(event: z.infer<typeof WorkflowRun>): ThreadEvent {
  const run = event.workflow_run;
  // Anybody can name a pull request, and so its runs, like one of ours; only people who may write can start a workflow by hand.
  const ours = run.event === "workflow_dispatch" && (run.path ?? "").startsWith(WORKFLOW_PATH);
  if (!ours) return ignored("The run is none of Dispatch's.");
  return {
    kind: "run-ended",
    ...repositoryOf(event),
    runId: run.id,
    tryNumber: run.run_attempt ?? 1,
    runName: run.display_title ?? run.name ?? "",
    conclusion: run.conclusion ?? null,
  };
}

type Envelope = Pick<z.infer<typeof IssueChange>, "repository" | "sender" | "changes">;
type Edited = Pick<z.infer<typeof IssueComment>, "repository" | "sender" | "changes" | "comment">;
type Words = Pick<Said, "thread" | "trigger" | "body" | "waiting" | "at"> & Partial<Pick<Said, "place">>;

function heard(event: Envelope, action: string, self: readonly string[], words: Words): ThreadEvent {
  const { body, waiting } = words;
  if (isOurWord(event, body, self)) return ignored("Dispatch said it itself.");
  if (body.trim() === "") return ignored("It says nothing.");
  // Most of what people say ends here, so this comes before any Markdown is read.
  if (!mayHoldCommand(body) && !waiting) return ignored("It holds no command, and nothing waits for an answer.");

  const before = action === "edited" ? (event.changes?.body?.from ?? body) : null;
  if (before !== null && addedCommands(before, body).length === 0) return ignored("The edit adds no command.");
  if (!waiting && findCommands(body).length === 0)
    return ignored("It holds no command, and nothing waits for an answer.");
  return {
    kind: "said",
    ...repositoryOf(event),
    ...authorOf(event.sender),
    place: null,
    ...words,
    before,
  };
}

function read<T extends z.ZodType>(
  schema: T,
  payload: unknown,
  meaning: (event: z.infer<T>) => ThreadEvent,
): ThreadEvent {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return meaning(parsed.data);
  const paths = parsed.error.issues.map((issue) => issue.path.join(".")).slice(0, 3);
  return ignored(`The event cannot be read: ${paths.join(", ")}.`);
}

function threadOf(number: number, kind: Thread["kind"]): Thread {
  return { kind, number };
}

function repositoryOf({ repository }: Pick<Envelope, "repository">): Pick<Said, "owner" | "repo"> {
  return { owner: repository.owner.login, repo: repository.name };
}

/** The type of the account tells a bot; a name proves nothing. */
function authorOf(sender: z.infer<typeof Account>): Pick<Said, "by" | "byBot"> {
  return { by: { login: sender.login, id: sender.id }, byBot: sender.type === "Bot" };
}

/** With a person's own token we write under their name: then only our mark tells our words from theirs. */
function isOurWord({ sender }: Pick<Envelope, "sender">, body: string, self: readonly string[]): boolean {
  return isOneOf(self, sender.login) && (isBotLogin(sender.login) || readMark(body) !== null);
}

function isTicked(event: Edited, self: readonly string[]): boolean {
  return isOurComment(event, self) && isByAnother(event, self);
}

function isOurComment({ comment, changes }: Edited, self: readonly string[]): boolean {
  const author = comment.user?.login ?? "";
  if (!isOneOf(self, author)) return false;
  return isBotLogin(author) || readMark(changes?.body?.from ?? comment.body) !== null;
}

/** An edit that is not our own drawing. One of ours, by a person's token, is told from their tick by being more than a tick. */
function isByAnother({ sender, changes, ...event }: Edited, self: readonly string[]): boolean {
  if (!isOneOf(self, sender.login)) return true;
  return !isBotLogin(sender.login) && readTick(changes?.body?.from ?? "", event.comment.body) !== null;
}

function isBotLogin(login: string): boolean {
  return login.endsWith("[bot]");
}

function isOneOf(logins: readonly string[], login: string): boolean {
  return logins.some((one) => one.toLowerCase() === login.toLowerCase());
}

function ignored(reason: string): ThreadEvent {
  return { kind: "ignored", reason };
}

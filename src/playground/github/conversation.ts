import { invalid, validationFailed } from "./errors.ts";
import { type Edit, type IssueAction, tellComment, tellIssue, tellPull } from "./events.ts";
import { isPull } from "./json/pulls.ts";
import { pullSize } from "./pulls.ts";
import type { Issue, IssueComment, Label, Pull, Reaction, ReactionContent, Remark, Repository } from "./repository.ts";
import type { Actor, World } from "./world.ts";

const LONGEST_BODY = 65_536;

/** @throws ApiError 422 for a body that GitHub takes from nobody. */
export function checkBody(resource: string, body: string, { mayBeEmpty = false } = {}): void {
  if (!mayBeEmpty && body.trim() === "") {
    throw validationFailed({ resource, code: "missing_field", field: "body", message: "body can't be blank" });
  }
  if (body.length <= LONGEST_BODY || [...body].length <= LONGEST_BODY) return;
  const message = `Body is too long (maximum is ${LONGEST_BODY} characters)`;
  throw validationFailed({ resource, code: "unprocessable", field: "data", message });
}

export function newRemark(world: World, actor: Actor, prefix: string, body: string): Remark {
  const id = world.nextId();
  const at = world.stamp();
  const { account: user } = actor;
  return { id, nodeId: `${prefix}_${id}`, user, body, createdAt: at, updatedAt: at, editedAt: null, reactions: [] };
}

export interface NewIssue {
  readonly repository: Repository;
  readonly title: string;
  readonly body: string;
  readonly labels?: readonly string[];
  readonly pull?: Pull;
}

/** Makes the issue without telling anybody. */
export function makeIssue(world: World, actor: Actor, { repository, title, body, labels = [], pull }: NewIssue): Issue {
  if (title.trim() === "") throw validationFailed({ resource: "Issue", code: "missing_field", field: "title" });
  checkBody("Issue", body, { mayBeEmpty: true });
  const issue: Issue = {
    ...newRemark(world, actor, pull === undefined ? "I" : "PR", body),
    repository,
    number: repository.issues.size + 1,
    title,
    state: "open",
    stateReason: null,
    closedAt: null,
    closedBy: null,
    labels: labels.map((name) => labelNamed(world, repository, name)),
    assignees: [],
    locked: false,
    gone: null,
    comments: [],
    pull: pull ?? null,
  };
  repository.issues.set(issue.number, issue);
  world.nodes.set(issue.nodeId, { kind: "issue", issue });
  return issue;
}

export function openIssue(world: World, actor: Actor, spec: Omit<NewIssue, "pull">): Issue {
  const issue = makeIssue(world, actor, spec);
  tellIssue(world, actor, issue, "opened");
  for (const label of issue.labels) tellIssue(world, actor, issue, "labeled", { label });
  return issue;
}

export interface IssueEdit {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly state?: "open" | "closed" | undefined;
  readonly stateReason?: "completed" | "not_planned" | "reopened" | null | undefined;
  readonly labels?: readonly string[] | undefined;
}

/** Changes an issue or pull request and tells of each change. */
export async function editIssue(world: World, actor: Actor, issue: Issue, edit: IssueEdit): Promise<void> {
  const at = world.stamp();
  const changes: { body?: { from: string }; title?: { from: string } } = {};
  if (edit.body !== undefined && edit.body !== issue.body) {
    checkBody("Issue", edit.body, { mayBeEmpty: true });
    changes.body = { from: issue.body };
    issue.body = edit.body;
    issue.editedAt = at;
  }
  if (edit.title !== undefined && edit.title !== issue.title) {
    changes.title = { from: issue.title };
    issue.title = edit.title;
  }
  issue.updatedAt = at;
  if (Object.keys(changes).length > 0) await tellChange(world, actor, issue, "edited", { changes });
  if (edit.labels !== undefined) await setLabels(world, actor, issue, edit.labels);
  if (edit.state !== undefined && edit.state !== issue.state) await setState(world, actor, issue, edit);
}

async function setState(world: World, actor: Actor, issue: Issue, { state, stateReason }: IssueEdit): Promise<void> {
  if (issue.pull?.mergedAt != null)
    throw invalid("Validation Failed", "Pull request is merged and cannot be reopened.");
  const closing = state === "closed";
  issue.state = closing ? "closed" : "open";
  issue.closedAt = closing ? world.stamp() : null;
  issue.closedBy = closing ? actor.account : null;
  issue.stateReason =
    closing && issue.pull === null ? (stateReason === "not_planned" ? "not_planned" : "completed") : null;
  await tellChange(world, actor, issue, closing ? "closed" : "reopened");
}

/** Tells by `issues` or by `pull_request`, whichever it is. */
async function tellChange(
  world: World,
  actor: Actor,
  issue: Issue,
  action: IssueAction,
  extra: { readonly label?: Label; readonly changes?: Edit } = {},
): Promise<void> {
  if (!isPull(issue)) return tellIssue(world, actor, issue, action, extra);
  tellPull(world, actor, { issue, size: await pullSize(issue), action, extra });
}

/** The repository's label of this name; made when it is new, as GitHub does. */
function labelNamed(world: World, repository: Repository, name: string): Label {
  const known = repository.labels.get(name.toLowerCase());
  if (known !== undefined) return known;
  const label = { id: world.nextId(), name, color: "ededed", description: null };
  repository.labels.set(name.toLowerCase(), label);
  return label;
}

export async function addLabels(world: World, actor: Actor, issue: Issue, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const label = labelNamed(world, issue.repository, name);
    if (issue.labels.includes(label)) continue;
    issue.labels.push(label);
    issue.updatedAt = world.stamp();
    await tellChange(world, actor, issue, "labeled", { label });
  }
}

export async function removeLabel(world: World, actor: Actor, issue: Issue, label: Label): Promise<void> {
  issue.labels = issue.labels.filter((other) => other !== label);
  issue.updatedAt = world.stamp();
  await tellChange(world, actor, issue, "unlabeled", { label });
}

export async function setLabels(world: World, actor: Actor, issue: Issue, names: readonly string[]): Promise<void> {
  const wanted = names.map((name) => labelNamed(world, issue.repository, name));
  for (const label of issue.labels) if (!wanted.includes(label)) await removeLabel(world, actor, issue, label);
  await addLabels(world, actor, issue, names);
}

export function addComment(world: World, actor: Actor, issue: Issue, body: string): IssueComment {
  checkBody("IssueComment", body);
  const comment: IssueComment = { ...newRemark(world, actor, "IC", body), issue };
  issue.comments.push(comment);
  issue.updatedAt = comment.createdAt;
  world.nodes.set(comment.nodeId, { kind: "comment", comment });
  tellComment(world, actor, comment, "created");
  return comment;
}

export function editComment(world: World, actor: Actor, comment: IssueComment, body: string): void {
  checkBody("IssueComment", body);
  const changes = editRemark(world, comment, body);
  comment.issue.updatedAt = comment.updatedAt;
  if (changes !== null) tellComment(world, actor, comment, "edited", changes);
}

/** Null when nothing changed: GitHub sends no event then. */
export function editRemark(world: World, remark: Remark, body: string): Edit | null {
  if (remark.body === body) return null;
  const changes = { body: { from: remark.body } };
  remark.body = body;
  remark.updatedAt = world.stamp();
  remark.editedAt = remark.updatedAt;
  return changes;
}

export function deleteComment(world: World, actor: Actor, comment: IssueComment): void {
  const { comments } = comment.issue;
  comments.splice(comments.indexOf(comment), 1);
  world.nodes.delete(comment.nodeId);
  tellComment(world, actor, comment, "deleted");
}

/** What people can no longer see; to the API it is "410 Gone". */
export function deleteIssue(world: World, issue: Issue): void {
  for (const comment of issue.comments) world.nodes.delete(comment.nodeId);
  world.nodes.delete(issue.nodeId);
  issue.comments = [];
  issue.gone = "deleted";
}

/** The issue goes on in another repository, with its comments, under a new number. */
export function transferIssue(world: World, actor: Actor, issue: Issue, to: Repository): Issue {
  const made = makeIssue(world, actor, { repository: to, title: issue.title, body: issue.body });
  made.comments = issue.comments.map((comment) => ({ ...comment, issue: made }));
  for (const comment of made.comments) world.nodes.set(comment.nodeId, { kind: "comment", comment });
  world.nodes.delete(issue.nodeId);
  issue.comments = [];
  issue.gone = made;
  return made;
}

/** Reactions send no webhook. */
export function react(
  world: World,
  actor: Actor,
  remark: Remark,
  content: ReactionContent,
): { readonly reaction: Reaction; readonly first: boolean } {
  const known = remark.reactions.find(({ user, content: other }) => user.id === actor.account.id && other === content);
  if (known !== undefined) return { reaction: known, first: false };
  const reaction = { id: world.nextId(), content, user: actor.account, createdAt: world.stamp() };
  remark.reactions.push(reaction);
  return { reaction, first: true };
}

import { Problem } from "../core/problem.ts";
import { commitLine } from "../core/safe-text.ts";
import { renderPullRequest, resolvesIssue } from "../core/thread-text.ts";
import { onPresentBase } from "./check-out.ts";
import type { LiveTask } from "./live-task.ts";
import type { Moved, Pushed } from "./machine-ports.ts";
import type { PullRequestDraft, PullState } from "./ports.ts";
import type { RunPorts } from "./run-ports.ts";

const REFUSED = "GitHub refused the push";

type PushPorts = Pick<RunPorts, "checkout" | "pullRequests" | "conversations" | "repository" | "log" | "stop">;

/** Commits what the worker has left uncommitted, under the words of the items it has ticked. Needs no network. */
export async function saveWork(
  live: LiveTask,
  items: readonly string[],
  { checkout }: Pick<PushPorts, "checkout">,
): Promise<void> {
  const { requester, settings } = live.task;
  const message = items.map((item) => commitLine(item, 200)).join("\n\n");
  try {
    if (await checkout.save({ message, task: live.ref.id, coAuthor: requester, signoff: settings.signoff }))
      live.unpushed = true;
    live.unsaved = [];
  } catch (error) {
    live.unsaved = items;
    throw error;
  }
}

/** Pushes what has been committed. The first push opens the draft pull request. */
export async function pushWork(live: LiveTask, ports: PushPorts): Promise<Pushed> {
  live.unpushed = false;
  const { branch } = live.task.work;
  const pull = await pullStateOf(live, ports);
  const pushed = await ports.checkout.push(pull).catch((error: unknown) => {
    live.unpushed = true;
    throw error;
  });
  switch (pushed.kind) {
    case "nothing":
      break;
    case "refused":
      // It would be refused at every item, in nearly the same words.
      if (!live.facts.warnings.some((warning) => warning.startsWith(REFUSED)))
        live.warn(`${REFUSED}: ${pushed.sentence}`);
      break;
    case "moved":
      live.warn(movedText(pushed, branch));
      live.recordBranch(pushed.branch, pushed.base);
      await openPullRequest(live, ports);
      break;
    case "pushed":
      if (pushed.found !== undefined) live.warn(foundText(pushed.found, branch));
      // GitHub has closed the one that the deleted branch had.
      if (pushed.found === "deleted") live.pullRequest = null;
      await openPullRequest(live, ports);
      break;
  }
  return pushed;
}

/** How the pull request stands whose branch the work goes to: on that of a closed one nobody would find it. */
async function pullStateOf({ task }: LiveTask, { pullRequests, log, stop }: PushPorts): Promise<PullState> {
  const { thread, work } = task;
  // Of the ten seconds that GitHub leaves a cancelled job, none is for looking around.
  if (!work.onPullRequest || thread === null || stop.aborted) return "open";
  try {
    return await pullRequests.stateOf(thread.number);
  } catch (error) {
    log.warning(`How pull request #${thread.number} stands could not be asked: ${String(error)}`);
    return "open";
  }
}

function movedText({ why, branch: to, base }: Moved, branch: string): string {
  switch (why) {
    case "conflict":
      return `Others have changed \`${branch}\` in the same places, so the work went to \`${to}\`.`;
    case "rewritten":
      return `Commits were taken out of \`${branch}\` that the work is built on. So it went to \`${to}\`, with those commits.`;
    case "deleted":
      return `The branch \`${branch}\` was deleted meanwhile, so the work went to \`${to}\`, for \`${base}\`.`;
    case "closed":
      return `The pull request was closed meanwhile, so the work went to \`${to}\`, for \`${base}\`.`;
    case "merged":
      return `The pull request was merged meanwhile, so what came after went to \`${to}\`, for \`${base}\`.`;
  }
}

function foundText(found: "rewritten" | "deleted", branch: string): string {
  switch (found) {
    case "rewritten":
      return `The history of \`${branch}\` was rewritten meanwhile. The task's own commits were put on top of what is there now; what was taken out stays out.`;
    case "deleted":
      return `The branch \`${branch}\` was deleted meanwhile. It is there again, with the whole work.`;
  }
}

async function openPullRequest(live: LiveTask, ports: PushPorts): Promise<void> {
  const { onPullRequest } = live.task.work;
  const { settings } = live.task;
  if (onPullRequest || settings.pullRequest === "none") return;
  // An earlier run's pull request is found by its branch.
  if (live.pullRequest !== null || live.pullRequestRefusal !== null) return;
  await tryToOpen(live, { ...describe(live, null, ports), draft: true }, ports);
}

async function tryToOpen(
  live: LiveTask,
  text: Pick<PullRequestDraft, "title" | "body" | "draft">,
  ports: PushPorts,
): Promise<void> {
  const open = () => {
    const { branch, base } = live.task.work;
    return ports.pullRequests.open({ branch, base, ...text });
  };
  try {
    const opened = await onPresentBase(live, open, ports);
    live.pullRequestRefusal = null;
    live.pullRequest = opened;
    live.recordPullRequest({ number: opened.number, url: opened.url });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    ports.log.warning(error.message);
    live.pullRequestRefusal = error;
  }
}

function describe({ task, ref, files }: LiveTask, output: string | null, { repository }: PushPorts) {
  const closes = task.thread !== null && resolvesIssue(files["request.md"] ?? "", task.thread.number);
  return renderPullRequest({ task, ref, repository, output, closes });
}

/** Makes the pull request what its readers should find: described, and no longer a draft when the task is done. */
export async function completePullRequest(
  live: LiveTask,
  { done, output }: { readonly done: boolean; readonly output: string | null },
  ports: PushPorts,
): Promise<void> {
  // Where drafts are refused, an ordinary pull request is opened, once the work stands.
  if (live.pullRequestRefusal?.code === "drafts-refused")
    await tryToOpen(live, { ...describe(live, output, ports), draft: false }, ports);
  else await openPullRequest(live, ports);
  const pull = live.pullRequest;
  if (pull === null) return;
  const text = describe(live, output, ports);
  const state = await ports.pullRequests.describe(pull.number, text);
  if (state === "merged") await openAnother(live, ports);
  if (state === "closed") live.warn("The pull request was closed meanwhile. Its branch holds the work.");
  if (state === "open" && done && pull.draft) await ports.pullRequests.markReady(pull);
}

/** What came after the merge needs a pull request of its own; where nothing did, GitHub opens none. */
async function openAnother(live: LiveTask, ports: PushPorts): Promise<void> {
  live.pullRequest = null;
  await openPullRequest(live, ports);
}

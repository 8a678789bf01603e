import { Problem } from "../core/problem.ts";
import { commitLine } from "../core/safe-text.ts";
import { renderPullRequest, resolvesIssue } from "../core/thread-text.ts";
import type { LiveTask } from "./live-task.ts";
import type { Pushed } from "./ports.ts";
import type { RunPorts } from "./run-ports.ts";

type PushPorts = Pick<RunPorts, "checkout" | "pullRequests" | "repository" | "log">;

/** Commits what the worker has left uncommitted, under the words of the items it has ticked. Needs no network. */
export async function saveWork(live: LiveTask, items: readonly string[], { checkout }: PushPorts): Promise<void> {
  const { requester, settings } = live.task;
  const message = items.map((item) => commitLine(item, 200)).join("\n\n");
  await checkout.save({ message, coAuthor: requester, signoff: settings.signoff });
}

/** Pushes what has been committed. The first push opens the draft pull request. */
export async function pushWork(live: LiveTask, ports: PushPorts): Promise<Pushed> {
  const pushed = await ports.checkout.push();
  switch (pushed.kind) {
    case "nothing":
      break;
    case "refused":
      live.warn(`GitHub refused the push: ${pushed.sentence}`);
      break;
    case "moved":
      live.warn(
        `Others have changed \`${live.task.work.branch}\` in the same places, so the work went to \`${pushed.branch}\`.`,
      );
      live.recordBranch(pushed.branch);
      await openPullRequest(live, ports);
      break;
    case "pushed":
      await openPullRequest(live, ports);
      break;
  }
  return pushed;
}

async function openPullRequest(live: LiveTask, ports: PushPorts): Promise<void> {
  const { work, settings } = live.task;
  if (work.onPullRequest || settings.pullRequest === "none") return;
  // An earlier run's pull request is found by its branch.
  if (live.pullRequest !== null || live.pullRequestRefusal !== null) return;
  const { title, body } = describe(live, null, ports);
  try {
    const opened = await ports.pullRequests.open({ branch: work.branch, base: work.base, title, body, draft: true });
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
  if (live.pullRequestRefusal?.code === "drafts-refused") await openOrdinary(live, output, ports);
  else await openPullRequest(live, ports);
  const pull = live.pullRequest;
  if (pull === null) return;
  const text = describe(live, output, ports);
  await ports.pullRequests.describe(pull.number, text);
  if (done && pull.draft) await ports.pullRequests.markReady(pull);
}

/** Where drafts are refused, an ordinary pull request is opened once the work stands. */
async function openOrdinary(live: LiveTask, output: string | null, ports: PushPorts): Promise<void> {
  const { work } = live.task;
  const text = describe(live, output, ports);
  try {
    const opened = await ports.pullRequests.open({ branch: work.branch, base: work.base, ...text, draft: false });
    live.pullRequestRefusal = null;
    live.pullRequest = opened;
    live.recordPullRequest({ number: opened.number, url: opened.url });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    live.pullRequestRefusal = error;
  }
}

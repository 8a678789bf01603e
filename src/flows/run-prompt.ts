import type { Conversation } from "../core/conversation.ts";
import { PLAIN_REQUEST, type TaskRequest } from "../core/new-task.ts";
import { Problem } from "../core/problem.ts";
import type { Person, TaskRef } from "../core/task.ts";
import { describeTask, publishTask } from "./accept-task.ts";
import type { Conversations } from "./ports.ts";
import { postStatus } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";

export interface Prompt {
  readonly text: string;
  /** A model or alias that was named beside the text. */
  readonly model: string | null;
  /** Issue or pull request to report to. */
  readonly issue: number | null;
  readonly by: Person;
  readonly runId: number;
  readonly runUrl: string;
}

/**
 * Takes a task on from a workflow run's free text. GitHub has checked already that whoever started the run may write.
 * @returns the task that this very run is to claim
 * @throws Problem where the text, the config or GitHub does not allow it
 */
export async function acceptPrompt(
  prompt: Prompt,
  ports: Pick<RunPorts, "branches" | "comments" | "clock" | "repository" | "self" | "log"> & {
    readonly conversations: Conversations;
  },
): Promise<TaskRef> {
  const [request, conversation] = await requestOf(prompt, ports);
  const accepted = await publishTask(describeTask(request, conversation, ports.self), conversation, ports);
  if (accepted === null) throw alreadyDone();
  if (accepted.outcome === "created") await postStatus(accepted.ref, accepted.files, ports);
  return accepted.ref;
}

async function requestOf(
  { text, model, issue, by, runId, runUrl }: Prompt,
  { clock, conversations }: { readonly clock: RunPorts["clock"]; readonly conversations: Conversations },
): Promise<readonly [TaskRequest, Conversation]> {
  const conversation = await conversations.read(issue === null ? null : { kind: "issue", number: issue });
  const kind = conversation.topic?.pull ? "pull" : "issue";
  const request: TaskRequest = {
    ...PLAIN_REQUEST,
    thread: issue === null ? null : { kind, number: issue },
    trigger: { kind: "workflow", id: runId, url: runUrl },
    by,
    at: clock.now().toISOString(),
    text,
    model,
  };
  return [request, conversation];
}

function alreadyDone(): Problem {
  return new Problem(
    "task-cleaned",
    "This run's task has been worked on and cleaned up already.",
    "Start a new run instead of running this one again.",
  );
}

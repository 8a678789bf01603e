import type { Conversation } from "../../src/core/conversation.ts";
import { renderMark } from "../../src/core/marker.ts";
import type { Role } from "../../src/core/permission.ts";
import type { Problem } from "../../src/core/problem.ts";
import {
  type QuestionComment,
  readTask,
  renderTask,
  type Task,
  type TaskFiles,
  type TaskRef,
  type TaskState,
  type Trigger,
} from "../../src/core/task.ts";
import type { CommandPlace, Said, Ticked } from "../../src/flows/command-place.ts";
import { hearMissed } from "../../src/flows/keep-listening.ts";
import type {
  Background,
  Clock,
  ConfigProposals,
  Labels,
  Permissions,
  Reactions,
  RunStatus,
  Runs,
  Snapshot,
} from "../../src/flows/ports.ts";
import type { ThreadPorts } from "../../src/flows/thread-ports.ts";
import { REPOSITORY, sampleTask } from "../core/sample-task.ts";
import { HurriedClock, type ManualClock, NOW, turn } from "./memory-clock.ts";
import { BOT, MemoryBranches, MemoryComments, MemoryLog, MemoryReviewThreads } from "./memory-ports.ts";

export const MONA = { login: "mona", id: 1 };
export const HUBOT = { login: "hubot", id: 2 };
const TRIGGER: Trigger = { kind: "comment", id: 5, url: "https://github.com/octo-org/hello/issues/1#issuecomment-5" };
export const PLAN = "# Plan\n\n- [ ] Read\n- [ ] Write\n";

const CONFIG = `default: opus
models:
  opus: { backend: claude }
  sonnet: { backend: claude }
`;

class MemoryRuns implements Runs {
  /** `<id> #<attempt>` of every run that was asked for. */
  readonly started: string[] = [];
  readonly cancelled: number[] = [];
  /** Why GitHub starts no run. */
  refusal: Problem | null = null;

  async start({ id }: TaskRef, attempt: number): Promise<void> {
    await turn();
    if (this.refusal !== null) throw this.refusal;
    this.started.push(`${id} #${attempt}`);
  }

  /** How often the list of runs was asked for. */
  listed = 0;

  async asked(): Promise<ReadonlyMap<string, RunStatus>> {
    await turn();
    this.listed += 1;
    const run = { url: "https://github.com/r", status: "queued", conclusion: null } as const;
    return new Map(this.started.map((name, at) => [`dispatch 1/${name}`, { ...run, id: at + 1 }]));
  }

  /** Runs as GitHub knows them, beside those that were asked for. */
  readonly known = new Map<number, RunStatus>();

  async read(id: number): Promise<RunStatus | null> {
    await turn();
    return this.known.get(id) ?? null;
  }

  async cancel(id: number): Promise<void> {
    await turn();
    this.cancelled.push(id);
  }
}

class MemoryLabels implements Labels {
  readonly #labels = new Set<string>();

  async add(thread: number, label: string): Promise<void> {
    await turn();
    this.#labels.add(`${thread} ${label}`);
  }

  async remove(thread: number, label: string): Promise<void> {
    await turn();
    this.#labels.delete(`${thread} ${label}`);
  }

  async has(thread: number, label: string): Promise<boolean> {
    await turn();
    return this.#labels.has(`${thread} ${label}`);
  }

  /** Whether the thread is marked as one that waits for a person. */
  waits(thread = 1): boolean {
    return this.#labels.has(`${thread} dispatch: waiting`);
  }
}

class MemoryReactions implements Reactions {
  readonly all: string[] = [];

  async add({ kind, id }: Trigger, content: string): Promise<"first" | "again"> {
    await turn();
    const reaction = `${kind} ${id} ${content}`;
    if (this.all.includes(reaction)) return "again";
    this.all.push(reaction);
    return "first";
  }
}

class MemoryPermissions implements Permissions {
  readonly roles: Record<string, Role> = { mona: "admin", hubot: "write", octocat: "read" };

  async roleOf(login: string): Promise<Role> {
    await turn();
    return this.roles[login] ?? "none";
  }
}

class MemoryProposals implements ConfigProposals {
  text: string | null = CONFIG;
  readonly titles: string[] = [];

  async read(): Promise<{ readonly text: string | null }> {
    await turn();
    return { text: this.text };
  }

  async propose({ text, title }: Parameters<ConfigProposals["propose"]>[0]) {
    await turn();
    this.text = text;
    this.titles.push(title);
    return { number: 21, url: "https://github.com/octo-org/hello/pull/21" };
  }
}

class MemoryBackground implements Background {
  readonly #works: Promise<void>[] = [];

  later(_what: string, work: () => Promise<void>): void {
    this.#works.push(work());
  }

  async settled(): Promise<void> {
    await Promise.all(this.#works);
  }
}

/** One repository's threads, with everything that the handler can reach, in memory. */
export class MemoryThread implements ThreadPorts {
  readonly repository = REPOSITORY;
  readonly self = [BOT, "github-actions[bot]"];
  readonly branches = new MemoryBranches();
  readonly index = this.branches;
  readonly comments = new MemoryComments();
  readonly reviewThreads = new MemoryReviewThreads();
  readonly reactions = new MemoryReactions();
  readonly labels = new MemoryLabels();
  readonly permissions = new MemoryPermissions();
  readonly runs = new MemoryRuns();
  readonly proposals = new MemoryProposals();
  readonly clock: Clock;
  readonly background = new MemoryBackground();
  readonly log = new MemoryLog();
  readonly hearMissed = (thread: number) => hearMissed(thread, this);
  /** @param clock one that stands still, where it counts who is first */
  constructor(clock: Clock = new HurriedClock()) {
    this.clock = clock;
  }

  conversation: Conversation = {
    defaultBranch: "main",
    config: CONFIG,
    configFrom: "repository",
    setup: null,
    topic: null,
  };
  readonly conversations = {
    read: async (): Promise<Conversation> => {
      await turn();
      return this.conversation;
    },
  };

  /** A task of issue 1 with its status comment, as it stands at this moment. */
  add(
    id: string,
    state: TaskState,
    { files = {}, ...more }: Partial<Task> & { readonly files?: TaskFiles } = {},
  ): TaskRef {
    const ref = { thread: "1", id };
    const { author, url, id: comment } = this.comments.put(1, `${renderMark({ kind: "status", ref })}\n### Old`);
    const task = sampleTask(state, {
      id,
      title: `Do ${id}`,
      exchanges: {},
      pullRequest: null,
      statusComment: { id: comment, author, url },
      trigger: TRIGGER,
      ...more,
    });
    this.branches.put(ref, { "task.yaml": renderTask(task), "plan.md": PLAN, ...files });
    return ref;
  }

  task(ref: TaskRef): Task {
    return readTask(this.branches.files(ref));
  }

  /** The task's status comment as people see it. */
  status(ref: TaskRef): string {
    return this.comments.body(this.task(ref).statusComment?.id ?? 0) ?? "";
  }

  /** All tasks of issue 1, as a handler has read them. */
  tasks(): Promise<readonly Snapshot[]> {
    return this.index.ofThread("1");
  }
}

/** Lets works go on side by side, the time moving only while all of them sleep. */
export async function patiently<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  ended.catch(() => undefined);
  while (!over) await clock.advance(1_000);
  return ended;
}

/** A comment of mona's in issue 1 that holds a command. */
export function place(
  body: string,
  more: Omit<Partial<CommandPlace>, "said"> & { readonly said?: Partial<Said> } = {},
): CommandPlace {
  const said: Said = {
    kind: "said",
    owner: "octo-org",
    repo: "hello",
    thread: { kind: "issue", number: 1 },
    trigger: { ...TRIGGER, id: 50 },
    by: MONA,
    byBot: false,
    body,
    before: null,
    waiting: false,
    at: NOW,
    place: null,
    ...more.said,
  };
  return { lock: "first", key: "7k2q0", ...more, said };
}

/** Somebody's edit of a comment of ours in issue 1. */
export function edit(
  comment: Pick<QuestionComment, "id" | "url"> & {
    readonly body: string;
    readonly kind?: QuestionComment["kind"];
  },
  after: string,
  by = MONA,
): Ticked {
  const { kind = "comment", id, url, body: before } = comment;
  return {
    kind: "ticked",
    owner: "octo-org",
    repo: "hello",
    thread: { kind: "issue", number: 1 },
    comment: { kind, id, url, author: BOT },
    by,
    byBot: false,
    before,
    after,
    at: NOW,
  };
}

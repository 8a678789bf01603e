import { readTask, type TaskFiles, talkOf } from "../core/task.ts";
import type { LiveTask } from "./live-task.ts";
import { findOurs, postStatus, statusText } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";
import { StatusBoard } from "./status-board.ts";

type ViewPorts = Pick<RunPorts, "comments" | "clock" | "log" | "repository" | "self">;

/** The handler posts the status comment while the run starts; only when it has not after this long is it taken for missing. */
const GRACE_MS = 15_000;

/** The task's status comment as the run draws it. */
export class StatusView {
  readonly #live: LiveTask;
  readonly #ports: ViewPorts;
  #board: StatusBoard | null = null;
  #seeking: Promise<void> | null = null;
  #drawnAt = 0;

  constructor(live: LiveTask, ports: ViewPorts) {
    this.#live = live;
    this.#ports = ports;
    if (live.task.statusComment !== null) this.#board = new StatusBoard(live.task.statusComment.id, ports);
  }

  /** Milliseconds since the comment was last drawn. */
  get age(): number {
    return this.#ports.clock.now().getTime() - this.#drawnAt;
  }

  draw(files: TaskFiles = this.#live.files): void {
    if (talkOf(readTask(files)) === null) return;
    this.#drawnAt = this.#ports.clock.now().getTime();
    if (this.#board !== null) {
      this.#board.draw(statusText(this.#live.ref, files, this.#live.facts, this.#ports));
      return;
    }
    this.#seeking ??= this.#seek().finally(() => {
      this.#seeking = null;
    });
  }

  /** Resolves when what was drawn last stands in the thread. */
  async settled(): Promise<void> {
    await this.#seeking;
    await this.#board?.settled();
  }

  async #seek(): Promise<void> {
    try {
      const mark = { kind: "status", ref: this.#live.ref } as const;
      const [found] = await findOurs(this.#live.task, mark, this.#ports);
      const comment =
        found ?? (this.#overdue() ? await postStatus(this.#live.ref, this.#live.files, this.#ports) : null);
      if (comment === null) return;
      this.#live.recordStatusComment({ id: comment.id, author: comment.author, url: comment.url });
      this.#board = new StatusBoard(comment.id, this.#ports);
      this.draw();
    } catch (error) {
      this.#ports.log.warning(`The status comment could not be found: ${String(error)}`);
    }
  }

  #overdue(): boolean {
    return this.#ports.clock.now().getTime() - Date.parse(this.#live.task.askedAt) > GRACE_MS;
  }
}

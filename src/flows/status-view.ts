import { type CommentRef, readTask, type TaskFiles, talkOf } from "../core/task.ts";
import type { LiveTask } from "./live-task.ts";
import { OverviewBoard } from "./overview-board.ts";
import { findOurs, putStatusBack, statusText } from "./redraw.ts";
import type { RunPorts } from "./run-ports.ts";
import { StatusBoard } from "./status-board.ts";
import { unlessClosed } from "./unless-closed.ts";

type ViewPorts = Pick<RunPorts, "comments" | "index" | "clock" | "log" | "repository" | "self">;

/** The handler posts the status comment while the run starts; only when it has not after this long is it taken for missing. */
const GRACE_MS = 15_000;

/** A conversation that takes no comment is not asked again for so long. */
const CLOSED_MS = 10 * 60_000;

/** The task's status comment as the run draws it. */
export class StatusView {
  readonly #live: LiveTask;
  readonly #ports: ViewPorts;
  #board: StatusBoard | null = null;
  readonly #overview: OverviewBoard;
  #seeking: Promise<void> | null = null;
  #drawnAt = 0;
  #closedUntil = 0;

  constructor(live: LiveTask, ports: ViewPorts) {
    this.#live = live;
    this.#ports = ports;
    this.#overview = new OverviewBoard(live.task, ports);
    if (live.task.statusComment !== null) this.#board = this.#boardOn(live.task.statusComment.id);
  }

  /** Milliseconds since the comment was last drawn. */
  get age(): number {
    return this.#ports.clock.now().getTime() - this.#drawnAt;
  }

  draw(files: TaskFiles = this.#live.files): void {
    if (talkOf(readTask(files)) === null) return;
    this.#drawnAt = this.#ports.clock.now().getTime();
    this.#overview.draw();
    if (this.#board !== null) {
      this.#board.draw(this.#text(files));
      return;
    }
    if (this.#drawnAt < this.#closedUntil) return;
    this.#seeking ??= this.#seek().finally(() => {
      this.#seeking = null;
    });
  }

  /** Resolves when what was drawn last stands in the thread. */
  async settled(): Promise<void> {
    await this.#seeking;
    await this.#board?.settled();
    await this.#overview.settled();
  }

  async #seek(): Promise<void> {
    const { log, clock } = this.#ports;
    try {
      const found = await unlessClosed(() => this.#find(), log);
      if (found === null) this.#closedUntil = clock.now().getTime() + CLOSED_MS;
      if (found === null || found === "not-yet") return;
      this.#record(found);
      this.#board = this.#boardOn(found.id);
      this.draw();
    } catch (error) {
      log.warning(`The status comment could not be found: ${String(error)}`);
    }
  }

  async #find(): Promise<CommentRef | "not-yet" | null> {
    const { ref, task } = this.#live;
    const [found] = await findOurs(task, { kind: "status", ref }, this.#ports);
    if (found !== undefined) return found;
    return this.#overdue() ? putStatusBack(ref, task, this.#text(), this.#ports) : "not-yet";
  }

  #boardOn(id: number): StatusBoard {
    return new StatusBoard(id, this.#ports, async (text) => {
      const comment = await putStatusBack(this.#live.ref, this.#live.task, text, this.#ports);
      if (comment !== null) this.#record(comment);
      return comment?.id ?? null;
    });
  }

  #record({ id, author, url }: CommentRef): void {
    this.#live.recordStatusComment({ id, author, url });
  }

  #text(files: TaskFiles = this.#live.files): string {
    return statusText(this.#live.ref, files, this.#live.facts, this.#ports);
  }

  #overdue(): boolean {
    return this.#ports.clock.now().getTime() - Date.parse(this.#live.task.askedAt) > GRACE_MS;
  }
}

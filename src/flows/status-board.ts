import type { Clock, Comments, Log } from "./ports.ts";
import { unlessClosed } from "./unless-closed.ts";

/** Between two edits of the same comment, so that a hurried worker does not eat everybody's rate limit. */
const PAUSE_MS = 1_000;
/** After an edit that GitHub's limits left no room for. */
const SPARING_MS = 5_000;
/** A conversation that takes no edits now, since it is locked, is left alone for so long. */
const CLOSED_MS = 10 * 60_000;
/** So often it is tried again; then the next change carries it. */
const MOST_SPARED = 6;

/**
 * Keeps one comment at the latest text: the first change at once, later ones as soon as the pause is over, those in between left out.
 * Drawing is cosmetics: it never holds up the work, and a failure waits for the next change.
 */
export class StatusBoard {
  #wanted: string | null = null;
  #shown: string | null = null;
  /** The latest text, where the limits have never left room for it. */
  #leftOut: string | null = null;
  #drawing: Promise<void> | null = null;
  #editedAt = Number.NEGATIVE_INFINITY;
  /** Fires when somebody waits for the latest text to stand: from then on it is not left out any more. */
  #mustStand = new AbortController();
  #closedUntil = Number.NEGATIVE_INFINITY;
  #commentId: number;
  readonly #ports: { readonly comments: Pick<Comments, "edit">; readonly clock: Clock; readonly log: Log };
  readonly #putBack: (text: string) => Promise<number | null>;

  /** @param putBack posts the text anew where the comment has been deleted, and names the new one */
  constructor(
    commentId: number,
    ports: { comments: Pick<Comments, "edit">; clock: Clock; log: Log },
    putBack: (text: string) => Promise<number | null> = () => Promise.resolve(null),
  ) {
    this.#commentId = commentId;
    this.#ports = ports;
    this.#putBack = putBack;
  }

  draw(text: string): void {
    if (text === (this.#wanted ?? this.#shown)) return;
    if (this.#ports.clock.now().getTime() < this.#closedUntil) return;
    this.#wanted = text;
    this.#drawing ??= this.#drawAll().finally(() => {
      this.#drawing = null;
    });
  }

  /** Resolves when the latest text stands, or could not be made to. */
  async settled(): Promise<void> {
    this.#mustStand.abort();
    if (this.#leftOut !== null && this.#drawing === null) this.draw(this.#leftOut);
    while (this.#drawing !== null) await this.#drawing;
    this.#mustStand = new AbortController();
  }

  async #drawAll(): Promise<void> {
    let spared = 0;
    this.#leftOut = null;
    while (this.#wanted !== null) {
      const pause = this.#editedAt + PAUSE_MS - this.#ports.clock.now().getTime();
      if (pause > 0) await this.#ports.clock.sleep(pause);
      const text = this.#wanted;
      this.#wanted = null;
      if (text === this.#shown || (await this.#edit(text))) continue;
      this.#wanted ??= text;
      spared += 1;
      if (spared > MOST_SPARED) return this.#giveUp();
      await this.#ports.clock.sleep(SPARING_MS, this.#mustStand.signal);
    }
  }

  #rest(): void {
    if (this.#closedUntil === Number.NEGATIVE_INFINITY)
      this.#ports.log.warning("The status comment cannot be drawn: its conversation takes no words now.");
    this.#closedUntil = this.#ports.clock.now().getTime() + CLOSED_MS;
    this.#shown = null;
  }

  #giveUp(): void {
    this.#leftOut = this.#wanted;
    this.#wanted = null;
  }

  /** False when GitHub's limits left no room for it. */
  async #edit(text: string): Promise<boolean> {
    const { comments, clock, log } = this.#ports;
    const urgency = this.#mustStand.signal.aborted ? undefined : "cosmetic";
    try {
      const result = await comments.edit(this.#commentId, text, urgency);
      if (result === "left-out") return false;
      if (result === "closed") this.#rest();
      else this.#shown = text;
      if (result === "gone") {
        const id = await unlessClosed(() => this.#putBack(text), log);
        if (id === null) this.#rest();
        else this.#commentId = id;
      }
    } catch (error) {
      log.warning(`The status comment could not be drawn: ${String(error)}`);
    }
    this.#editedAt = clock.now().getTime();
    return true;
  }
}

import type { Clock, Comments, Log } from "./ports.ts";

/** Between two edits of the same comment, so that a hurried worker does not eat everybody's rate limit. */
const PAUSE_MS = 1_000;

/**
 * Keeps one comment at the latest text: the first change at once, later ones as soon as the pause is over, those in between left out.
 * Drawing is cosmetics: it never holds up the work, and a failure waits for the next change.
 */
export class StatusBoard {
  #wanted: string | null = null;
  #shown: string | null = null;
  #drawing: Promise<void> | null = null;
  #editedAt = Number.NEGATIVE_INFINITY;
  readonly #commentId: number;
  readonly #ports: { readonly comments: Pick<Comments, "edit">; readonly clock: Clock; readonly log: Log };

  constructor(commentId: number, ports: { comments: Pick<Comments, "edit">; clock: Clock; log: Log }) {
    this.#commentId = commentId;
    this.#ports = ports;
  }

  draw(text: string): void {
    if (text === (this.#wanted ?? this.#shown)) return;
    this.#wanted = text;
    this.#drawing ??= this.#drawAll().finally(() => {
      this.#drawing = null;
    });
  }

  /** Resolves when the latest text stands, or could not be made to. */
  async settled(): Promise<void> {
    while (this.#drawing !== null) await this.#drawing;
  }

  async #drawAll(): Promise<void> {
    while (this.#wanted !== null) {
      const pause = this.#editedAt + PAUSE_MS - this.#ports.clock.now().getTime();
      if (pause > 0) await this.#ports.clock.sleep(pause);
      const text = this.#wanted;
      this.#wanted = null;
      if (text !== this.#shown) await this.#edit(text);
    }
  }

  async #edit(text: string): Promise<void> {
    try {
      await this.#ports.comments.edit(this.#commentId, text);
      this.#shown = text;
    } catch (error) {
      this.#ports.log.warning(`The status comment could not be drawn: ${String(error)}`);
    }
    this.#editedAt = this.#ports.clock.now().getTime();
  }
}

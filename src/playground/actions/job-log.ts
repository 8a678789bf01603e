import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";

/** A job's log: every line with its time, every secret as `***`. */
export class JobLog {
  readonly path: string;
  readonly #masks = new Set<string>();
  readonly #file: WriteStream;
  readonly #now: () => Date;

  constructor(path: string, now: () => Date) {
    this.path = path;
    this.#now = now;
    this.#file = createWriteStream(path, { flags: "a" });
  }

  /** Hides a value from now on; of a text of several lines also each single line. */
  mask(secret: string): void {
    for (const value of [secret, ...secret.split(/\r?\n/)]) {
      if (value.trim() === "") continue;
      for (const form of [value, Buffer.from(value).toString("base64"), encodeURIComponent(value)])
        this.#masks.add(form);
    }
  }

  masked(text: string): string {
    // Longest first, so that a secret inside another one does not leave the rest of the longer one readable.
    const masks = [...this.#masks].toSorted((a, b) => b.length - a.length);
    return masks.reduce((shown, mask) => shown.replaceAll(mask, "***"), text);
  }

  write(text: string): void {
    for (const line of this.masked(text).split("\n")) this.#file.write(`${this.#now().toISOString()} ${line}\n`);
  }

  async close(): Promise<void> {
    this.#file.end();
    await once(this.#file, "close");
  }
}

import { StringDecoder } from "node:string_decoder";

/** A line beyond this is no event that we could read; its rest is dropped. */
const MAX_LINE = 1024 * 1024;

/** Cuts a stream of bytes into lines. Returns what to call with the bytes, and what to call at the end. */
export function lineReader(onLine: (line: string) => void): { push(bytes: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let line = "";
  const add = (text: string) => {
    if (line.length < MAX_LINE) line = (line + text).slice(0, MAX_LINE);
  };
  const flush = () => {
    onLine(line.replace(/\r$/, ""));
    line = "";
  };
  return {
    push(bytes) {
      const parts = decoder.write(bytes).split("\n");
      for (const [index, part] of parts.entries()) {
        add(part);
        if (index < parts.length - 1) flush();
      }
    },
    end() {
      add(decoder.end());
      if (line !== "") flush();
    },
  };
}

/** Keeps the last bytes of what was printed, whatever the stream. */
export function tailKeeper(bytes: number): { push(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0);
  return {
    push(chunk) {
      const joined = chunk.length >= bytes ? chunk : Buffer.concat([kept, chunk]);
      kept = Buffer.from(joined.subarray(Math.max(0, joined.length - bytes)));
    },
    // A character that was cut in half at the beginning is dropped.
    text: () => kept.toString("utf8").replace(/^\uFFFD+/, ""),
  };
}

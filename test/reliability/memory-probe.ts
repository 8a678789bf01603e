import { appendFileSync } from "node:fs";
import { memoryUsage } from "node:process";
import { setInterval } from "node:timers";

// Loaded into a server (`node --expose-gc --import <this file>?to=<path>&every=<ms>`): tells how much memory it holds on to. What has only
// not been collected yet says nothing, since Node collects the more lazily the more memory a machine has.

const { searchParams } = new URL(import.meta.url);
const to = searchParams.get("to");
const { gc } = globalThis;
if (to === null || gc === undefined) throw new Error("The memory probe wants `--expose-gc` and a file to write to.");

setInterval(
  () => {
    gc();
    const { heapUsed, external, rss } = memoryUsage();
    appendFileSync(
      to,
      `${JSON.stringify({ pid: process.pid, at: Date.now(), heldBytes: heapUsed + external, rss })}\n`,
    );
  },
  Number(searchParams.get("every")),
).unref();

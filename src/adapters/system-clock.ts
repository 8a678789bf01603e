import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../flows/ports.ts";

export const systemClock: Clock = {
  now: () => new Date(),
  random: () => Math.random(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};

import { expect, it } from "vitest";
import { jobStart, lastCallMs } from "../../src/core/time-limit.ts";

it.each([
  { limit: 360, lastCall: 330 },
  { limit: 300, lastCall: 270 },
  { limit: 60, lastCall: 54 },
  { limit: 10, lastCall: 9 },
  { limit: 0.1, lastCall: 0.09 },
])("a job of $limit minutes saves the work after $lastCall", ({ limit, lastCall }) => {
  expect(lastCallMs(limit)).toBeCloseTo(lastCall * 60_000);
});

it.each([
  { what: "written a while ago", written: 1_000_000 - 90_000, start: 1_000_000 - 90_000 },
  { what: "older than any job", written: 1_000_000 - 700_000, start: 1_000_000 },
  { what: "of the future", written: 2_000_000, start: 1_000_000 },
  { what: "missing", written: Number.NaN, start: 1_000_000 },
])("with a file that is $what, the job began at $start", ({ written, start }) => {
  expect(jobStart(written, { now: 1_000_000, limitMinutes: 10 })).toBe(start);
});

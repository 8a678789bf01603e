import { expect, it } from "vitest";
import { dueForRedelivery, type LoggedDelivery } from "../../src/core/redelivery.ts";

const NOW = "2026-11-20T12:00:00.000Z";
const HOUR = 60 * 60_000;
const tried = (id: number, guid: string, agoMs: number, ok = false): LoggedDelivery => ({
  id,
  guid,
  ok,
  deliveredAt: new Date(Date.parse(NOW) - agoMs).toISOString(),
});

it.each<{ what: string; log: readonly LoggedDelivery[]; due: readonly number[] }>([
  { what: "nothing", log: [], due: [] },
  { what: "one that arrived", log: [tried(1, "a", HOUR, true)], due: [] },
  { what: "one that failed", log: [tried(1, "a", HOUR)], due: [1] },
  { what: "one that failed a moment ago", log: [tried(1, "a", 5_000)], due: [] },
  { what: "one that arrived the second time", log: [tried(2, "a", 30_000, true), tried(1, "a", HOUR)], due: [] },
  { what: "one that arrived and then failed", log: [tried(2, "a", HOUR), tried(1, "a", 2 * HOUR, true)], due: [] },
  {
    what: "one that failed twice, once, by its latest try",
    log: [tried(2, "a", 21_000), tried(1, "a", HOUR)],
    due: [2],
  },
  { what: "one that failed twice just now", log: [tried(2, "a", 19_000), tried(1, "a", HOUR)], due: [] },
  { what: "two, the older first", log: [tried(2, "b", HOUR), tried(1, "a", 2 * HOUR)], due: [1, 2] },
  { what: "one of more than three days ago", log: [tried(1, "a", 73 * HOUR)], due: [] },
  { what: "one whose first try is that old", log: [tried(2, "a", 5 * HOUR), tried(1, "a", 73 * HOUR)], due: [] },
])("of $what has delivered again: $due", ({ log, due }) => {
  expect(dueForRedelivery(log, NOW).map(({ id }) => id)).toEqual(due);
});

it("pauses longer each time, at most four hours", () => {
  const pauses = [1, 2, 3, 10, 30].map((tries) => {
    const log = Array.from({ length: tries }, (_, at) => tried(at, "a", 0));
    const isDue = (ms: number) => dueForRedelivery(log, new Date(Date.parse(NOW) + ms).toISOString()).length > 0;
    return Array.from({ length: 14_401 }, (_, second) => second).find((second) => isDue(second * 1000));
  });
  expect(pauses).toEqual([10, 20, 40, 5120, 14_400]);
});

it("is no storm after a long silence", () => {
  const log = Array.from({ length: 500 }, (_, at) => tried(at, `guid-${at}`, HOUR));
  expect(dueForRedelivery(log, NOW)).toHaveLength(20);
});

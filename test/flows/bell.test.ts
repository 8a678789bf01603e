import { expect, it } from "vitest";
import { Bell } from "../../src/flows/bell.ts";
import { ManualClock, turns } from "./memory-clock.ts";

/** Somebody who waits, and whether they still do. */
function waiter(bell: Bell, ms: number, clock: ManualClock) {
  const waiting = { still: true };
  void bell.wait(ms, clock).then(() => {
    waiting.still = false;
  });
  return waiting;
}

it("wakes whoever waits, and leaves no timer behind", async () => {
  const [bell, clock] = [new Bell(), new ManualClock()];
  const waiting = waiter(bell, 60_000, clock);
  await turns();
  expect(waiting.still).toBe(true);
  bell.ring();
  await turns();
  expect(waiting.still).toBe(false);
  expect(clock.sleeping).toBe(0);
});

it("gives up when the time is over, not before", async () => {
  const [bell, clock] = [new Bell(), new ManualClock()];
  const waiting = waiter(bell, 1_000, clock);
  await clock.advance(999);
  expect(waiting.still).toBe(true);
  await clock.advance(1);
  expect(waiting.still).toBe(false);
  expect(clock.sleeping).toBe(0);
});

it("keeps a ring for whoever comes later, without a timer", async () => {
  const [bell, clock] = [new Bell(), new ManualClock()];
  bell.ring();
  const waiting = waiter(bell, 1_000, clock);
  expect(clock.sleeping).toBe(0);
  await turns();
  expect(waiting.still).toBe(false);
});

it.each([
  { when: "before the wait", early: 3, late: 0 },
  { when: "during it", early: 0, late: 3 },
])("counts many rings $when as one", async ({ early, late }) => {
  const [bell, clock] = [new Bell(), new ManualClock()];
  for (let ring = 0; ring < early; ring += 1) bell.ring();
  const first = waiter(bell, 1_000, clock);
  for (let ring = 0; ring < late; ring += 1) bell.ring();
  await turns();
  expect(first.still).toBe(false);
  const second = waiter(bell, 1_000, clock);
  await turns();
  expect(second.still).toBe(true);
  bell.ring();
  await turns();
  expect(second.still).toBe(false);
  expect(clock.sleeping).toBe(0);
});

it("loses no ring between one wait and the next", async () => {
  const [bell, clock] = [new Bell(), new ManualClock()];
  let seen = 0;
  let rung = 0;
  const loop = (async () => {
    while (seen < 20) {
      await bell.wait(1_000_000, clock);
      seen = rung;
      await turns();
    }
  })();
  for (; rung < 20; ) {
    rung += 1;
    bell.ring();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await loop;
  expect(seen).toBe(20);
  expect(clock.sleeping).toBe(0);
});

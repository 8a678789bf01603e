import { beforeEach, describe, expect, it } from "vitest";
import { StatusBoard } from "../../src/flows/status-board.ts";
import { ManualClock } from "./memory-clock.ts";
import { MemoryComments, MemoryLog } from "./memory-ports.ts";

let clock: ManualClock;
let comments: MemoryComments;
let log: MemoryLog;
let board: StatusBoard;

beforeEach(() => {
  clock = new ManualClock();
  comments = new MemoryComments();
  log = new MemoryLog();
  board = new StatusBoard(comments.put(1, "nothing yet").id, { comments, clock, log });
});

describe("a status board", () => {
  it("draws the first change at once", async () => {
    board.draw("A");
    await board.settled();
    expect(comments.edits).toEqual(["A"]);
    expect(clock.sleeping).toBe(0);
  });

  it("draws a change after a pause at once", async () => {
    board.draw("A");
    await clock.advance(5_000);
    board.draw("B");
    await clock.advance(0);
    expect(comments.edits).toEqual(["A", "B"]);
  });

  it("leaves out what has changed again before the pause is over", async () => {
    board.draw("A");
    await clock.advance(0);
    for (const text of ["B", "C", "D"]) board.draw(text);
    await clock.advance(999);
    expect(comments.edits).toEqual(["A"]);
    await clock.advance(1);
    expect(comments.edits).toEqual(["A", "D"]);
    expect(clock.sleeping).toBe(0);
  });

  it("edits at most once a second, however the changes come", async () => {
    for (let change = 0; change < 100; change += 1) {
      board.draw(`text ${change}`);
      await clock.advance(100);
    }
    await clock.advance(1_000);
    expect(comments.edits.length).toBeLessThanOrEqual(11);
    expect(comments.edits.length).toBeGreaterThanOrEqual(10);
    expect(comments.edits.at(-1)).toBe("text 99");
    expect(clock.sleeping).toBe(0);
  });

  it("does not draw the same text twice", async () => {
    board.draw("A");
    board.draw("A");
    await clock.advance(500);
    board.draw("A");
    board.draw("B");
    board.draw("A");
    await clock.advance(2_000);
    expect(comments.edits).toEqual(["A"]);
  });

  it("is settled when the latest text stands, the one after the pause included", async () => {
    board.draw("A");
    await clock.advance(0);
    board.draw("B");
    let settled = false;
    const settling = board.settled().then(() => {
      settled = true;
    });
    await clock.advance(500);
    expect(settled).toBe(false);
    await clock.advance(500);
    expect(settled).toBe(true);
    await settling;
    expect(comments.edits).toEqual(["A", "B"]);
  });

  it("is settled at once when there is nothing to draw", async () => {
    await board.settled();
    expect(comments.edits).toEqual([]);
  });
});

describe("a comment that cannot be edited", () => {
  it("is a warning, and the next change is drawn", async () => {
    let failures = 1;
    const flaky = {
      edit: (id: number, body: string) => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error("502 Bad Gateway")) : comments.edit(id, body);
      },
    };
    const [id = 0] = comments.ids;
    const shaky = new StatusBoard(id, { comments: flaky, clock, log });
    shaky.draw("A");
    await shaky.settled();
    expect(log.warnings).toEqual([expect.stringContaining("502 Bad Gateway")]);
    shaky.draw("A");
    await clock.advance(1_000);
    expect(comments.edits).toEqual(["A"]);
    expect(clock.sleeping).toBe(0);
  });

  it("because it is gone does not hold up anything", async () => {
    const [id = 0] = comments.ids;
    await comments.remove(id);
    board.draw("A");
    await board.settled();
    expect(comments.edits).toEqual([]);
  });
});

describe("a board that GitHub's limits leave no room for", () => {
  let isTight: boolean;
  let asked: (string | undefined)[];
  let spared: StatusBoard;

  beforeEach(() => {
    isTight = true;
    asked = [];
    const [id = 0] = comments.ids;
    const sparing = {
      edit: async (comment: number, body: string, urgency?: "cosmetic") => {
        asked.push(urgency);
        if (isTight && urgency === "cosmetic") return "left-out" as const;
        return comments.edit(comment, body);
      },
    };
    spared = new StatusBoard(id, { comments: sparing, clock, log });
  });

  it("draws the latest text as soon as there is room", async () => {
    spared.draw("A");
    await clock.advance(2_000);
    spared.draw("B");
    await clock.advance(6_000);
    isTight = false;
    await clock.advance(5_000);
    expect(comments.edits).toEqual(["B"]);
    expect(clock.sleeping).toBe(0);
  });

  it("does not try for ever: the next change carries it", async () => {
    spared.draw("A");
    await clock.advance(60_000);
    expect(clock.sleeping).toBe(0);
    expect(asked).toHaveLength(7);
    isTight = false;
    spared.draw("B");
    await clock.advance(0);
    expect(comments.edits).toEqual(["B"]);
  });

  it.each([
    { when: "it was left out a moment ago", passed: 1_000 },
    { when: "it was left out for good", passed: 60_000 },
  ])("does not leave the last text out when somebody waits for it, though $when", async ({ passed }) => {
    spared.draw("A");
    await clock.advance(passed);
    await spared.settled();
    expect(comments.edits).toEqual(["A"]);
    expect(asked.at(-1)).toBeUndefined();
    expect(log.warnings).toEqual([]);
  });
});

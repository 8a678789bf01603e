import { beforeEach, describe, expect, it } from "vitest";
import { StatusBoard } from "../../src/flows/status-board.ts";
import { ManualClock, MemoryComments, MemoryLog } from "./memory-ports.ts";

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

import { beforeEach, describe, expect, it } from "vitest";
import { type Cost, GitHubBudget, NotNow } from "../../src/adapters/github-budget.ts";
import type { Urgency } from "../../src/core/rate-budget.ts";
import { ManualClock, NOW, turns } from "../flows/memory-clock.ts";

const READ: Cost = { kind: "read", resource: "core", points: 1, content: false };
const WRITE: Cost = { ...READ, points: 5 };
const COMMENT: Cost = { ...WRITE, content: true };
const QUERY: Cost = { kind: "query", resource: "graphql", points: 1, content: false };
const MINUTE = 63_000;
const HOUR = 3_600_000;
/** What was used before was not used just now. */
const LATE_IN_THE_HOUR = { endsIn: HOUR / 2 };

let clock: ManualClock;
let budget: GitHubBudget;
let made: string[];

beforeEach(() => {
  clock = new ManualClock();
  budget = new GitHubBudget(clock);
  made = [];
});

/** Asks for one request, which ends at once when it has been let in. */
function ask(name: string, cost: Cost, lane: object = budget, urgency: Urgency = "correct"): void {
  void budget.admit(cost, urgency, lane).then(
    () => {
      made.push(name);
      budget.release(cost);
    },
    (error: unknown) => made.push(`${name}: ${error instanceof NotNow ? "not now" : String(error)}`),
  );
}

function reply(remaining: number, { limit = 1_000, endsIn = HOUR } = {}): void {
  budget.note("core", { limit, remaining, reset: Date.parse(NOW) + endsIn });
}

function many(count: number, cost: Cost): void {
  for (let nth = 0; nth < count; nth += 1) ask("many", cost);
}

describe("a request that must be made", () => {
  it("is made at once while there is room", async () => {
    ask("A", COMMENT);
    ask("B", QUERY);
    await turns();
    expect(made).toEqual(["A", "B"]);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    { limit: "the points of a minute", cost: WRITE, most: 160, then: MINUTE },
    { limit: "the comments of a minute", cost: COMMENT, most: 70, then: MINUTE },
    { limit: "reads, by their points", cost: READ, most: 800, then: MINUTE },
  ])("waits for room within $limit", async ({ cost, most, then }) => {
    many(most + 1, cost);
    await clock.advance(then - 1);
    expect(made).toHaveLength(most);
    await clock.advance(1);
    expect(made).toHaveLength(most + 1);
    expect(clock.sleeping).toBe(0);
  });

  it("waits for room within the comments of an hour", async () => {
    for (let minute = 0; minute < 10; minute += 1) {
      many(60, COMMENT);
      await clock.advance(MINUTE);
    }
    expect(made).toHaveLength(450);
    await clock.advance(HOUR);
    expect(made).toHaveLength(600);
  });

  it("is one of sixty at the same time", async () => {
    const inside: (() => void)[] = [];
    for (let nth = 0; nth < 61; nth += 1) {
      void budget.admit(READ, "correct", budget).then(() => inside.push(() => budget.release(READ)));
    }
    await turns();
    expect(inside).toHaveLength(60);
    inside[0]?.();
    await turns();
    expect(inside).toHaveLength(61);
  });

  it("waits for the next hour when this one is used up, each a little longer than the others, and asks nothing meanwhile", async () => {
    reply(50);
    ask("core", READ);
    ask("graphql", QUERY);
    await clock.advance(HOUR + 59_999);
    expect(made).toEqual(["graphql"]);
    await clock.advance(1);
    expect(made).toEqual(["graphql", "core"]);
  });

  it("counts what is on its way, and what others have used as soon as a reply tells", async () => {
    reply(52, LATE_IN_THE_HOUR);
    const first = budget.admit(READ, "correct", budget);
    await budget.admit(READ, "correct", budget);
    await first;
    ask("third", READ);
    await turns();
    expect(made).toEqual([]);
    reply(40, LATE_IN_THE_HOUR);
    budget.release(READ);
    budget.release(READ);
    await turns();
    expect(made).toEqual([]);
    await clock.advance(HOUR + 60_000);
    expect(made).toEqual(["third"]);
  });

  it("is not let in by an old reply that comes late", async () => {
    reply(50);
    reply(900);
    reply(1_000, { endsIn: -HOUR });
    ask("A", READ);
    await turns();
    expect(made).toEqual([]);
  });

  it("is let in again by the first reply of a new hour", async () => {
    reply(0);
    await clock.advance(HOUR + 70_000);
    reply(900, { endsIn: 2 * HOUR });
    ask("A", READ);
    await turns();
    expect(made).toEqual(["A"]);
  });

  it("waits a minute, not a moment, where our clock is ahead of GitHub's", async () => {
    reply(0, { endsIn: -600_000 });
    ask("A", READ);
    await clock.advance(59_999);
    expect(made).toEqual([]);
    await clock.advance(60_001);
    expect(made).toEqual(["A"]);
  });
});

describe("a secondary limit that was hit", () => {
  it("keeps everybody for as long as GitHub says, and then lets all go", async () => {
    budget.refuse(60_000);
    ask("A", READ);
    ask("B", QUERY);
    await clock.advance(60_000);
    expect(made).toEqual([]);
    await clock.advance(60_000);
    expect(made).toEqual(["A", "B"]);
  });

  it("keeps them longer each time that this was not enough; refusals of the same moment are one", async () => {
    budget.refuse(60_000);
    budget.refuse(60_000);
    await clock.advance(120_000);
    budget.refuse(60_000);
    ask("A", READ);
    await clock.advance(239_999);
    expect(made).toEqual([]);
    await clock.advance(1);
    expect(made).toEqual(["A"]);
  });

  it("is forgotten when all has gone well for a while", async () => {
    budget.refuse(60_000);
    await clock.advance(120_000 + 300_000);
    budget.refuse(60_000);
    ask("A", READ);
    await clock.advance(120_000);
    expect(made).toEqual(["A"]);
  });
});

describe("the order", () => {
  it("is that of asking, for one client", async () => {
    budget.refuse(60_000);
    for (const name of ["A", "B", "C"]) ask(name, READ);
    await clock.advance(120_000);
    expect(made).toEqual(["A", "B", "C"]);
  });

  it("finishes the piece of work first that was begun first", async () => {
    const [early, late] = [{}, {}];
    ask("early 1", READ, early);
    await turns();
    budget.refuse(60_000);
    ask("late 1", READ, late);
    ask("early 2", READ, early);
    ask("early 3", READ, early);
    await clock.advance(120_000);
    expect(made).toEqual(["early 1", "early 2", "early 3", "late 1"]);
  });

  it("lets a long piece of work not keep the others waiting for its end", async () => {
    const [round, late] = [{}, {}];
    budget.refuse(60_000);
    for (let nth = 1; nth <= 60; nth += 1) ask(`round ${nth}`, READ, round);
    ask("late", READ, late);
    await clock.advance(120_000);
    expect(made).toHaveLength(61);
    expect(made.indexOf("late")).toBe(24);
  });

  it("lets nobody pass whom the same limit stops, and everybody whom it does not", async () => {
    many(70, COMMENT);
    await turns();
    made = [];
    ask("comment 1", COMMENT, {});
    ask("comment 2", COMMENT, {});
    ask("read", READ, {});
    ask("write", WRITE, {});
    await turns();
    expect(made).toEqual(["read", "write"]);
    await clock.advance(MINUTE);
    expect(made).toEqual(["read", "write", "comment 1", "comment 2"]);
  });

  it("does not let a stream of reads starve a write that needs more points", async () => {
    many(798, READ);
    await turns();
    made = [];
    ask("write", WRITE);
    for (let nth = 0; nth < 5; nth += 1) ask(`read ${nth}`, READ);
    await clock.advance(MINUTE);
    expect(made[0]).toBe("write");
    expect(made).toHaveLength(6);
  });
});

describe("others who use the same account", () => {
  /** So many requests of theirs in each of the next seconds, seen by a look of ours. */
  async function crowd(seconds: number, each: number): Promise<void> {
    for (let second = 1; second <= seconds; second += 1) {
      reply(1_000 - second * each, LATE_IN_THE_HOUR);
      await clock.advance(1_000);
    }
  }

  it.each([
    { who: "nobody", each: 1, made: ["write", "redraw"] },
    { who: "a few", each: 4, made: ["write", "redraw: not now"] },
    { who: "too many", each: 9, made: ["redraw: not now"] },
  ])("are seen by what they have used, and given way: $who", async ({ each, made: expected }) => {
    await crowd(30, each);
    ask("write", WRITE);
    await turns();
    ask("redraw", WRITE, budget, "cosmetic");
    await turns();
    expect(made).toEqual(expected);
  });

  it("keep nobody waiting for long once they are gone", async () => {
    await crowd(30, 9);
    ask("write", WRITE);
    await turns();
    expect(made).toEqual([]);
    await clock.advance(MINUTE + 10_000);
    expect(made).toEqual(["write"]);
  });

  it.each([
    { who: "nobody", each: 0, pause: 60_000, looks: 0 },
    { who: "many, seen just now", each: 9, pause: 5_000, looks: 0 },
    { who: "many, seen a minute ago", each: 9, pause: MINUTE, looks: 1 },
    { who: "many, long gone", each: 9, pause: 10 * MINUTE, looks: 0 },
  ])("are looked for again before we send anything, where they were many: $who", async ({ each, pause, looks }) => {
    let looked = 0;
    budget.lookBy(async () => {
      looked += 1;
      const reset = clock.now().getTime() + HOUR;
      for (const resource of ["core", "graphql"] as const)
        budget.note(resource, { limit: 9_000, remaining: 9_000, reset });
    });
    ask("first", READ);
    await turns();
    for (let second = 1; second <= 30; second += 1) {
      for (const resource of ["core", "graphql"] as const) {
        budget.note(resource, { limit: 9_000, remaining: 9_000 - second * each, reset: Date.parse(NOW) + HOUR });
      }
      await clock.advance(1_000);
    }
    await clock.advance(pause);
    looked = 0;
    ask("then", READ);
    await turns();
    expect(looked).toBe(looks);
  });

  it("make polls rarer, and never rarer than one in half a minute", async () => {
    const polls = async (seconds: number) => {
      made = [];
      for (let second = 0; second < seconds; second += 1) {
        ask("poll", READ, budget, "poll");
        reply(900 - second * 6, LATE_IN_THE_HOUR);
        await clock.advance(1_000);
      }
      return made.filter((name) => name === "poll").length;
    };
    const inTheCrowd = await polls(90);
    expect(inTheCrowd).toBeGreaterThanOrEqual(3);
    expect(inTheCrowd).toBeLessThan(12);
  });

  it("are not taken for there where our own requests go side by side, or cost nothing", async () => {
    reply(1_000);
    let used = 0;
    for (let second = 0; second < 120; second += 1) {
      made = [];
      // Two at a time, of which GitHub has counted both when it answers the first; and a poll that finds nothing new.
      for (const name of ["one", "two"]) ask(name, READ);
      used += 2;
      for (const _ of ["one", "two"]) reply(1_000 - used);
      ask("poll", READ, budget, "poll");
      budget.noteFree(READ);
      await clock.advance(1_000);
      expect(made).toEqual(["one", "two", "poll"]);
    }
  });
});

describe("what can be left out", () => {
  it.each([
    { when: "a secondary limit was hit", arrange: () => budget.refuse(60_000) },
    { when: "half of the minute's points are spent", arrange: () => many(81, WRITE) },
    { when: "little is left of the hour", arrange: () => reply(150) },
    {
      when: "others wait who must go first",
      arrange: () => {
        budget.note("graphql", { limit: 1_000, remaining: 0, reset: Date.parse(NOW) + HOUR });
        ask("waiting", QUERY);
      },
    },
  ])("is left out while $when", async ({ arrange }) => {
    arrange();
    await turns();
    made = [];
    ask("redraw", WRITE, budget, "cosmetic");
    await turns();
    expect(made).toEqual(["redraw: not now"]);
  });

  it("is spaced by what is left of the hour", async () => {
    reply(400, LATE_IN_THE_HOUR);
    for (let second = 0; second < 120; second += 1) {
      ask("redraw", WRITE, budget, "cosmetic");
      await clock.advance(1_000);
    }
    // 250 above what is kept, for half an hour and a minute: one in 6 s.
    expect(made.filter((name) => name === "redraw")).toHaveLength(20);
  });

  it("a poll looks even when only what is reserved is left, but not when nothing is", async () => {
    reply(20);
    ask("poll", READ, budget, "poll");
    await clock.advance(1_000);
    ask("too soon", READ, budget, "poll");
    await clock.advance(30_000);
    ask("again", READ, budget, "poll");
    reply(0);
    await clock.advance(60_000);
    ask("nothing", READ, budget, "poll");
    await turns();
    expect(made).toEqual(["poll", "too soon: not now", "again", "nothing: not now"]);
  });

  it("a rare look is not left out for having come after a frequent one", async () => {
    reply(400, LATE_IN_THE_HOUR);
    const rare: Cost = { ...READ, kind: "rare" };
    for (let second = 0; second < 60; second += 1) {
      ask("frequent", READ, budget, "poll");
      await clock.advance(1_000);
      if (second % 30 === 0) ask("rare", rare, budget, "poll");
    }
    await turns();
    expect(made.filter((name) => name.startsWith("rare"))).toEqual(["rare", "rare"]);
    expect(made).toContain("frequent: not now");
  });
});

import { describe, expect, it } from "vitest";
import type { Change, Snapshot, TaskBranches } from "../../src/flows/ports.ts";
import { updateTask } from "../../src/flows/update-task.ts";
import { HurriedClock } from "./memory-clock.ts";
import { MemoryBranches } from "./memory-ports.ts";

const REF = { thread: "1", id: "fix-7k2q" };

function branch(files: Record<string, string> = { count: "0" }): MemoryBranches {
  const branches = new MemoryBranches();
  branches.put(REF, files);
  return branches;
}

/** Counts one up, from wherever the branch stands. */
function increment({ files }: Snapshot): Change {
  return { files: { count: String(Number(files["count"]) + 1) }, message: "Count" };
}

/** Branches on which somebody else is faster than each of our first commits. */
function contested(branches: MemoryBranches, times: number): Pick<TaskBranches, "read" | "commit"> {
  let left = times;
  return {
    read: (ref) => branches.read(ref),
    commit: async (ref, head, change) => {
      if (left > 0) {
        left -= 1;
        await branches.commit(ref, head, { files: { theirs: String(left) }, message: "Theirs" });
      }
      return branches.commit(ref, head, change);
    },
  };
}

describe("a change", () => {
  it("is committed on what was read", async () => {
    const branches = branch({ count: "0", old: "x" });
    const change: Change = { files: { count: "1", old: null, fresh: "y" }, message: "Change" };
    const updated = await updateTask(REF, () => change, { branches, clock: new HurriedClock() });
    expect(updated).toEqual({ changed: true, snapshot: await branches.read(REF) });
    expect(branches.files(REF)).toEqual({ count: "1", fresh: "y" });
  });

  it("may turn out to be none", async () => {
    const branches = branch();
    const before = await branches.read(REF);
    const updated = await updateTask(REF, () => null, { branches, clock: new HurriedClock() });
    expect(updated).toEqual({ changed: false, snapshot: before });
    expect(branches.history(REF)).toEqual(["Accept"]);
  });

  it("starts from a snapshot at hand without reading", async () => {
    const branches = branch();
    const from = await branches.read(REF);
    if (from === null) throw new Error("The branch is there");
    const { commit } = contested(branches, 0);
    const read = () => Promise.reject(new Error("It was read"));
    await updateTask(REF, increment, { branches: { read, commit }, clock: new HurriedClock() }, from);
    expect(branches.files(REF)).toEqual({ count: "1" });
  });

  it("that cannot be decided rises, and nothing is committed", async () => {
    const branches = branch();
    const fail = () => {
      throw new Error("Undecided");
    };
    await expect(updateTask(REF, fail, { branches, clock: new HurriedClock() })).rejects.toThrow("Undecided");
    expect(branches.history(REF)).toEqual(["Accept"]);
  });
});

describe("a race", () => {
  it.each([1, 2, 7])("lost %i times is decided again on what stands there now", async (times) => {
    const branches = branch();
    const seen: unknown[] = [];
    const decide = (snapshot: Snapshot) => {
      seen.push(snapshot.files["theirs"]);
      return increment(snapshot);
    };
    const clock = new HurriedClock();
    const updated = await updateTask(REF, decide, { branches: contested(branches, times), clock });
    expect(updated).toMatchObject({ changed: true, snapshot: { files: { count: "1", theirs: "0" } } });
    expect(updated?.snapshot).toEqual(await branches.read(REF));
    expect(seen).toEqual([undefined, ...Array.from({ length: times }, (_, at) => String(times - 1 - at))]);
    expect(clock.slept).toHaveLength(times);
  });

  it("may leave nothing to do", async () => {
    const branches = branch();
    const decide = (snapshot: Snapshot) => (snapshot.files["theirs"] === undefined ? increment(snapshot) : null);
    const updated = await updateTask(REF, decide, { branches: contested(branches, 1), clock: new HurriedClock() });
    expect(updated).toMatchObject({ changed: false, snapshot: { files: { count: "0", theirs: "0" } } });
  });

  it("with a snapshot that is out of date is lost once, then won", async () => {
    const branches = branch();
    const from = await branches.read(REF);
    if (from === null) throw new Error("The branch is there");
    await branches.commit(REF, from.head, { files: { count: "5" }, message: "Theirs" });
    await updateTask(REF, increment, { branches, clock: new HurriedClock() }, from);
    expect(branches.files(REF)).toEqual({ count: "6" });
  });

  it("of twenty writers loses no change", async () => {
    const branches = branch();
    const writers = Array.from({ length: 20 }, async (_, at) => {
      for (let change = 0; change < 5; change += 1) {
        // A clock of its own for each: what one sleeps is not the others' time.
        await updateTask(REF, increment, { branches, clock: new HurriedClock({ chance: at / 20 }) });
      }
    });
    await Promise.all(writers);
    expect(branches.files(REF)).toEqual({ count: "100" });
    expect(branches.history(REF)).toHaveLength(101);
  });
});

describe("a branch that never holds still", () => {
  const busy: Pick<TaskBranches, "read" | "commit"> = {
    read: (ref) => Promise.resolve({ ref, head: "0", files: { count: "0" } }),
    commit: () => Promise.resolve("stale"),
  };

  it("is given up after a minute, with a sentence", async () => {
    const clock = new HurriedClock();
    const given = updateTask(REF, increment, { branches: busy, clock });
    await expect(given).rejects.toMatchObject({ code: "task-busy", message: expect.stringContaining("fix-7k2q") });
    const total = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(60_000);
    expect(total).toBeLessThan(63_000);
  });

  it("is asked ever more slowly, up to two seconds, and each writer at a moment of its own", async () => {
    const [slow, quick] = [new HurriedClock(), new HurriedClock({ chance: 0.5 })];
    await expect(updateTask(REF, increment, { branches: busy, clock: slow })).rejects.toThrow();
    await expect(updateTask(REF, increment, { branches: busy, clock: quick })).rejects.toThrow();
    expect(slow.slept.slice(0, 7)).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(quick.slept.slice(0, 7)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
  });
});

describe("a branch that is gone", () => {
  const ports = (branches: Pick<TaskBranches, "read" | "commit">) => ({ branches, clock: new HurriedClock() });

  it("before it was read is null", async () => {
    expect(await updateTask(REF, increment, ports(new MemoryBranches()))).toBeNull();
  });

  it("between reading and committing is null, and is not made again", async () => {
    const branches = branch();
    const decide = (snapshot: Snapshot) => {
      branches.delete(REF);
      return increment(snapshot);
    };
    expect(await updateTask(REF, decide, ports(branches))).toBeNull();
    expect(await branches.read(REF)).toBeNull();
  });

  it("after a race was lost is null", async () => {
    const branches = branch();
    const commit = () => {
      branches.delete(REF);
      return Promise.resolve("stale" as const);
    };
    expect(await updateTask(REF, increment, ports({ read: (ref) => branches.read(ref), commit }))).toBeNull();
  });
});

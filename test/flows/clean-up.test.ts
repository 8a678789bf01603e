import { beforeEach, describe, expect, it } from "vitest";
import { readTask, type TaskState } from "../../src/core/task.ts";
import { cleanUp } from "../../src/flows/clean-up.ts";
import { CANCELLED, DONE, FAILED, RUN } from "../core/sample-task.ts";
import { MemoryThread, place } from "./memory-thread.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const HOUR = 60 * 60_000;
/** A task that ended so many hours ago. */
const ago = (hours: number, state: TaskState = DONE): TaskState =>
  state.kind === "finished" ? { ...state, at: new Date(NOW - hours * HOUR).toISOString() } : state;

const A = { thread: "1", id: "add-page-aaaa" };
const B = { thread: "1", id: "fix-login-bbbb" };

let world: MemoryThread;

beforeEach(() => {
  world = new MemoryThread();
});

const command = async (task: string | null, id = 50) =>
  cleanUp(
    place("/dispatch cleanup", { said: { trigger: { kind: "comment", id, url: "" } } }),
    task,
    await world.tasks(),
    world,
  );
const reply = () => world.comments.bodies().at(-1) ?? "";

describe("/dispatch cleanup", () => {
  it.each([DONE, FAILED, CANCELLED])(
    "empties a young branch, whose delivery may come again: $outcome.kind",
    async (state) => {
      world.add(A.id, ago(95, state), { files: { "output.md": "All good.", "ipc/001.question": "Which?" } });
      await command(null);
      const files = world.branches.files(A);
      expect(Object.keys(files)).toEqual(["task.yaml"]);
      expect(readTask(files)).toMatchObject({ cleaned: true, state: { kind: "finished" } });
      expect(reply()).toContain(`Cleaned up \`${A.id}\`.`);
    },
  );

  it("removes an old one", async () => {
    world.add(A.id, ago(97));
    await command(null);
    expect(await world.branches.read(A)).toBeNull();
    expect(reply()).toContain(`Cleaned up \`${A.id}\`.`);
  });

  it("removes in the end what it has emptied before, without naming it again", async () => {
    world.add(A.id, ago(97), { cleaned: true });
    await command(null);
    expect(await world.branches.read(A)).toBeNull();
    expect(reply()).toContain("There is nothing to clean up");
  });

  it.each<TaskState>([
    { kind: "running", run: RUN },
    { kind: "queued", since: "" },
    { kind: "held", since: "" },
    { kind: "planned", since: "", run: null, shown: null },
    { kind: "confirming", since: "", run: null },
    { kind: "waiting", run: RUN, questions: ["001"] },
    { kind: "parked", run: RUN, questions: ["001"] },
    { kind: "cancelling", run: RUN, by: "mona" },
  ])("leaves a task alone that is $kind, even when it is named", async (state) => {
    world.add(A.id, state);
    await command(null);
    expect(reply()).toContain("There is nothing to clean up");
    await expect(command(A.id)).rejects.toMatchObject({ code: "wrong-state" });
    expect(world.branches.history(A)).toEqual(["Accept"]);
  });

  it("cleans the one that is named, and no other", async () => {
    world.add(A.id, ago(1));
    world.add(B.id, ago(1));
    await command(B.id);
    expect(world.branches.history(A)).toEqual(["Accept"]);
    expect(world.task(B).cleaned).toBe(true);
    expect(reply()).toContain(`Cleaned up \`${B.id}\`.`);
  });

  it("done twice is the same as done once", async () => {
    world.add(A.id, ago(1));
    const tasks = await world.tasks();
    for (const lock of ["first", "again"] as const)
      await cleanUp(place("/dispatch cleanup", { lock }), null, tasks, world);
    expect(world.branches.history(A)).toEqual(["Accept", `Clean up ${A.id}`]);
    expect(world.comments.bodies().filter((body) => body.includes("Cleaned up"))).toHaveLength(1);
  });

  it("does not empty a task that somebody has retried in the same moment", async () => {
    world.add(A.id, ago(1));
    const tasks = await world.tasks();
    const { "task.yaml": text = "" } = world.branches.files(A);
    const retried = text.replace(/state:[\s\S]*?(?=^\w)/m, 'state:\n  kind: queued\n  since: ""\n');
    await world.branches.commit(A, world.branches.headOf(A), { files: { "task.yaml": retried }, message: "Retry" });
    expect(world.task(A).state.kind).toBe("queued");
    await cleanUp(place("/dispatch cleanup"), null, tasks, world);
    expect(world.branches.history(A).at(-1)).toBe("Retry");
  });
});

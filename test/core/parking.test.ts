import { describe, expect, it } from "vitest";
import { parkedFiles, questionFromPlan, unblocked } from "../../src/core/parking.ts";
import { readTask, renderTask, type TaskFiles, type TaskState } from "../../src/core/task.ts";
import { RUN, sampleTask } from "./sample-task.ts";

const AT = "2026-11-20T12:00:00Z";
const RUNNING: TaskState = { kind: "running", run: RUN };
const WAITING: TaskState = { kind: "waiting", run: RUN, questions: ["001"] };
const PLAN = "# Plan\n\n- [x] Read\n- [ ] Choose a port\n- [ ] Test\n";

function branch(state: TaskState, files: TaskFiles = {}): TaskFiles {
  return { "task.yaml": renderTask(sampleTask(state)), "plan.md": PLAN, ...files };
}

/** The branch after it was parked. */
function parked(files: TaskFiles): TaskFiles {
  const asked = { ...files, ...questionFromPlan(files, AT) };
  const changed = parkedFiles(asked);
  expect(changed).not.toBeNull();
  return { ...asked, ...changed };
}

describe("a task that waits for an answer", () => {
  const files = branch(WAITING, { "ipc/001.question": "Which port?\n\n- 3000\n- 8080\n" });

  it("is parked with its question open, and the item it stands in the way of is blocked", () => {
    const after = parked(files);
    expect(readTask(after).state).toEqual({ kind: "parked", run: RUN, questions: ["001"] });
    expect(after["plan.md"]).toBe(
      "# Plan\n\n- [x] Read\n- [?] Choose a port\n  Which port?\n\n  - 3000\n  - 8080\n- [ ] Test\n",
    );
    expect(after["ipc/001.question"]).toBe(files["ipc/001.question"]);
  });

  it("keeps the worker's own mark and words", () => {
    const marked = "# Plan\n\n- [x] Read\n- [ ] Choose a port\n- [?] Test\n  Which runner?\n";
    expect(parked({ ...files, "plan.md": marked })["plan.md"]).toBe(marked);
  });

  it("is parked although nothing is left open in its plan", () => {
    const ticked = "# Plan\n\n- [x] Read\n";
    const after = parked({ ...files, "plan.md": ticked });
    expect(after["plan.md"]).toBe(ticked);
    expect(readTask(after).state.kind).toBe("parked");
  });
});

describe("a worker that only wrote [?] into its plan", () => {
  it("has asked: the words below the item are the question", () => {
    const plan = "# Plan\n\n- [x] Read\n- [?] Choose a port\n  Which port?\n  3000 or 8080?\n";
    const after = parked(branch(RUNNING, { "plan.md": plan }));
    expect(readTask(after)).toMatchObject({
      state: { kind: "parked", questions: ["001"] },
      exchanges: { "001": { askedAt: AT, comment: null, answeredBy: null } },
    });
    expect(after["ipc/001.question"]).toBe("Which port?\n3000 or 8080?\n");
    expect(after["plan.md"]).toBe(plan);
  });

  it("asks under the next free number, with the item's text where nothing stands below it", () => {
    const after = parked(
      branch(RUNNING, {
        "plan.md": "# Plan\n\n- [?] Which port?\n",
        "ipc/002.question": "Which name?",
        "ipc/002.answer": "hello",
        "ipc/002.done": "",
      }),
    );
    expect(readTask(after).state).toMatchObject({ kind: "parked", questions: ["003"] });
    expect(after["ipc/003.question"]).toBe("Which port?\n");
  });
});

it.each<{ what: string; files: TaskFiles }>([
  { what: "works and has asked nothing", files: branch(RUNNING) },
  {
    what: "was answered in time",
    files: branch(RUNNING, { "ipc/001.question": "Which port?", "ipc/001.answer": "3000" }),
  },
  { what: "is being cancelled", files: branch({ kind: "cancelling", run: RUN, by: "mona" }, { "plan.md": "- [?] a" }) },
  { what: "is parked already", files: branch({ kind: "parked", run: RUN, questions: ["001"] }) },
  { what: "is queued", files: branch({ kind: "queued", since: AT }, { "plan.md": "- [?] a" }) },
])("does not park a task that $what", ({ files }) => {
  expect(questionFromPlan(files, AT)).toBeNull();
  expect(parkedFiles(files)).toBeNull();
});

it("does not ask again what has been answered and not been read", () => {
  const files = branch(RUNNING, {
    "plan.md": "# Plan\n\n- [?] Choose a port\n  Which port?\n",
    "ipc/001.question": "Which port?",
    "ipc/001.answer": "3000",
  });
  expect(questionFromPlan(files, AT)).toBeNull();
  expect(parkedFiles(files)).toBeNull();
  expect(unblocked(files["plan.md"] ?? "")).toContain("- [ ] Choose a port");
  expect(questionFromPlan({ ...files, "ipc/001.done": "" }, AT)).not.toBeNull();
});

it("says the same when it is asked again on the same branch", () => {
  const files = branch(WAITING, { "ipc/001.question": "Which port?" });
  expect(parkedFiles(files)).toEqual(parkedFiles(files));
  expect(parkedFiles(parked(files))).toBeNull();
});

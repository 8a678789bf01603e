import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readQuestion } from "../../src/core/question.ts";
import { runHelper } from "../../src/worker/helper.ts";

const PLAN =
  "# Add a health endpoint\n\nSome words of the worker.\n\n- [x] Read the code\n- [ ] Write the route\n- [ ] Write the tests\n";

let root: string;
let folder: string;
let printed: string[];
let complained: string[];
let clock: number;
/** What happens at a moment, in seconds from the start. */
let events: { readonly at: number; readonly act: () => Promise<void> }[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dispatch-helper-"));
  folder = join(root, ".dispatch/tasks/add-health-ab12");
  await mkdir(join(folder, "ipc"), { recursive: true });
  await writeFile(join(folder, "plan.md"), PLAN);
  [printed, complained, events] = [[], [], []];
  clock = Date.now();
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function helper(args: readonly string[], environment: Readonly<Record<string, string>> = {}, directory = root) {
  const start = clock;
  return runHelper(args, {
    environment: { DISPATCH_TASK_FOLDER: folder, ...environment },
    directory,
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    now: () => clock,
    async sleep(ms) {
      clock += ms;
      const due = events.filter(({ at }) => clock - start >= at * 1000);
      events = events.filter((event) => !due.includes(event));
      for (const { act } of due) await act();
    },
  });
}

function file(path: string): Promise<string> {
  return readFile(join(folder, path), "utf8");
}

function answering(at: number, text: string, number = "001"): void {
  events.push({ at, act: () => writeFile(join(folder, `ipc/${number}.answer`), text) });
}

describe("ask", () => {
  it("asks, waits, and gives the answer", async () => {
    answering(3, "Port 8080, please.\n");
    expect(await helper(["ask", "Which port?"])).toBe(0);
    expect(await file("ipc/001.question")).toBe("Which port?\n");
    expect(printed.at(-1)).toBe("Answer:\nPort 8080, please.");
    expect((await readdir(join(folder, "ipc"))).sort()).toEqual(["001.answer", "001.done", "001.question"]);
  });

  it("offers options as the list that questions end in", async () => {
    answering(1, "A");
    await helper(["ask", "Which port?", "--option", "8080", "--option=a free\none"]);
    expect(readQuestion("001", await file("ipc/001.question"))).toMatchObject({
      text: "Which port?",
      options: ["8080", "a free one"],
    });
  });

  it("takes the next free number", async () => {
    for (const name of ["001.question", "001.answer", "007.done", "900x", "012.question.tmp"]) {
      await writeFile(join(folder, "ipc", name), "");
    }
    answering(1, "yes", "008");
    expect(await helper(["ask", "And now?"])).toBe(0);
    expect(await file("ipc/008.question")).toBe("And now?\n");
  });

  it("gives each of several helpers its own number", async () => {
    const asking = ["a", "b", "c", "d"].map((text) => helper(["ask", text], { DISPATCH_WAIT_SECONDS: "0" }));
    expect(await Promise.all(asking)).toEqual([75, 75, 75, 75]);
    expect((await readdir(join(folder, "ipc"))).sort()).toEqual(
      ["001", "002", "003", "004"].map((n) => `${n}.question`),
    );
    expect(await readdir(folder)).not.toContain(".lock");
  });

  it("says what to run next when a call has lasted long enough, and shows signs of life", async () => {
    expect(await helper(["ask", "Which port?"])).toBe(75);
    expect(printed).toEqual([
      "Asked, as question 001. Waiting for the answer.",
      ...[20, 40, 60, 80].map((s) => `Still waiting for the answer to 001 (${s} s).`),
      "No answer yet. Run this next: dispatch-worker wait 001 2",
    ]);
  });

  it.each([{ args: ["ask"] }, { args: ["ask", " "] }, { args: ["ask", "--port", "x"] }])(
    "wants a text: $args",
    async ({ args }) => {
      expect(await helper(args)).toBe(64);
      expect(await readdir(join(folder, "ipc"))).toEqual([]);
    },
  );
});

describe("wait", () => {
  beforeEach(async () => {
    await writeFile(join(folder, "ipc/001.question"), 'Is "$HOME" `safe`?\n\n- yes\n');
  });

  it("goes on waiting, each time with another call", async () => {
    expect(await helper(["wait", "001", "2"])).toBe(75);
    expect(printed.at(-1)).toContain("dispatch-worker wait 001 3");
  });

  it("gives the answer, also a second time", async () => {
    await writeFile(join(folder, "ipc/001.answer"), "yes");
    expect(await helper(["wait", "1"])).toBe(0);
    expect(await helper(["wait", "001"])).toBe(0);
    expect(printed).toEqual(["Answer:\nyes", "Answer:\nyes"]);
  });

  it("says how to park when nobody has answered in time", async () => {
    const asked = new Date(clock - 595_000);
    await utimes(join(folder, "ipc/001.question"), asked, asked);
    const before = clock;
    expect(await helper(["wait", "001"], { DISPATCH_ANSWER_TIMEOUT: "600" })).toBe(76);
    expect(clock - before).toBeLessThan(6000);
    expect(printed.join()).toContain("within 10 minutes");
    expect(printed.join()).toContain(join(folder, "context.md"));
    expect(printed.join()).toContain('dispatch-worker block "Is HOME safe?"');
    expect(existsSync(join(folder, "ipc/001.done"))).toBe(false);
  });

  it("takes an answer that came at the last moment", async () => {
    const asked = new Date(clock - 700_000);
    await utimes(join(folder, "ipc/001.question"), asked, asked);
    await writeFile(join(folder, "ipc/001.answer"), "yes");
    expect(await helper(["wait", "001"])).toBe(0);
  });

  it.each(["", "2", "../001", "x"])('knows no question "%s"', async (number) => {
    expect(await helper(["wait", number])).toBe(64);
    expect(complained.join()).toContain("There is no question");
  });
});

describe("tick", () => {
  it.each([
    { args: [], plan: PLAN.replace("[ ] Write the route", "[x] Write the route") },
    { args: ["3"], plan: PLAN.replace("[ ] Write the tests", "[x] Write the tests") },
    { args: ["TESTS"], plan: PLAN.replace("[ ] Write the tests", "[x] Write the tests") },
    { args: ["write", "the", "route"], plan: PLAN.replace("[ ] Write the route", "[x] Write the route") },
    { args: ["--note", "in app.ts"], plan: PLAN.replace("[ ] Write the route", "[x] Write the route\n  in app.ts") },
    { args: ["3", "all green"], plan: PLAN.replace("[ ] Write the tests", "[x] Write the tests\n  all green") },
    { args: ["1"], plan: PLAN },
  ])("with $args marks the right item and keeps every other line", async ({ args, plan }) => {
    expect(await helper(["tick", ...args])).toBe(0);
    expect(await file("plan.md")).toBe(plan);
    expect(existsSync(join(folder, "ipc/.done"))).toBe(false);
  });

  it("says that the task is done with the last item", async () => {
    await helper(["tick"]);
    expect(printed.at(-1)).toBe("2. Write the route: done (2 of 3 done). Next: 3. Write the tests");
    await helper(["tick"]);
    expect(printed.at(-1)).toBe("3. Write the tests: done (3 of 3 done). Nothing is open any more.");
    expect(await file("ipc/.done")).toBe("");
    expect(await readdir(folder)).toEqual(["ipc", "plan.md"]);
  });

  it("does not say so while an item is blocked", async () => {
    await helper(["block", "2", "Which port?"]);
    await helper(["tick"]);
    expect(existsSync(join(folder, "ipc/.done"))).toBe(false);
  });

  it.each([
    { args: ["4"], message: "There is no item 4." },
    { args: ["write"], message: 'Several items say "write"' },
    { args: ["deploy"], message: 'No item says "deploy".' },
  ])("with $args says $message and shows the items", async ({ args, message }) => {
    expect(await helper(["tick", ...args])).toBe(1);
    expect(complained.join()).toContain(message);
    expect(complained.join()).toContain("2. [ ] Write the route");
    expect(await file("plan.md")).toBe(PLAN);
  });

  it("loses nothing when several helpers tick at once", async () => {
    await Promise.all([helper(["tick", "2"]), helper(["tick", "3"]), helper(["note", "Careful"])]);
    const plan = await file("plan.md");
    expect(plan.match(/\[x\]/g)).toHaveLength(3);
    expect(plan).toContain("Careful");
  });

  it("clears the lock of a helper that was killed", async () => {
    await mkdir(join(folder, ".lock"));
    const old = new Date(clock - 60_000);
    await utimes(join(folder, ".lock"), old, old);
    expect(await helper(["tick"])).toBe(0);
  });
});

describe("the other verbs", () => {
  it.each([
    { args: ["block", "Which port?"], line: "- [?] Write the route\n  Which port?" },
    { args: ["block", "3", "Which", "framework?"], line: "- [?] Write the tests\n  Which framework?" },
    { args: ["fail", "No network"], line: "- [!] Write the route\n  No network" },
    { args: ["fail", "2", "404"], line: "- [!] Write the route\n  404" },
    { args: ["note", "The port is taken"], line: "> **Note from the worker:** The port is taken" },
  ])("$args write $line", async ({ args, line }) => {
    expect(await helper(args)).toBe(0);
    expect(await file("plan.md")).toContain(line);
  });

  it.each(["block", "fail", "note"])("%s wants a text", async (verb) => {
    expect(await helper([verb])).toBe(64);
    expect(await file("plan.md")).toBe(PLAN);
  });

  it.each([{ args: [] }, { args: ["help"] }, { args: ["--help"] }])("$args explain themselves", async ({ args }) => {
    expect(await helper(args)).toBe(0);
    for (const verb of ["ask", "wait", "tick", "block", "fail", "note"])
      expect(printed.join()).toContain(`dispatch-worker ${verb}`);
  });

  it("an unknown one is told", async () => {
    expect(await helper(["finish"])).toBe(64);
    expect(complained.join()).toContain('There is no "finish".');
  });
});

describe("the task's folder", () => {
  it("is found from anywhere below the checkout", async () => {
    await mkdir(join(root, "src/deep"), { recursive: true });
    expect(await helper(["tick"], { DISPATCH_TASK_FOLDER: "" }, join(root, "src/deep"))).toBe(0);
    expect(await file("plan.md")).toContain("[x] Write the route");
  });

  it("is not guessed among several", async () => {
    await mkdir(join(root, ".dispatch/tasks/other-cd34"));
    await writeFile(join(root, ".dispatch/tasks/other-cd34/plan.md"), PLAN);
    expect(await helper(["tick"], { DISPATCH_TASK_FOLDER: "" })).toBe(1);
    expect(complained.join()).toContain("several tasks");
  });
});

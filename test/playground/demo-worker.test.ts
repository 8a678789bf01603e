import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SAMPLE_FILES } from "../../src/playground/sample-repository.ts";

const WORKER = join(import.meta.dirname, "..", "..", "src", "playground", "demo-worker", "dispatch-demo-worker");
const TASK = ".dispatch/tasks/add-health-7k2q";
const PROMPT = `You work on a task.

Plan: ${TASK}/plan.md

- If no answer has come after 10 minutes, write what you know to \`${TASK}/context.md\` and end.

The plan holds one provisional item.

> Add a /health endpoint.
`;

let folder: string;
let worker: ChildProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-worker-"));
  await Promise.all(Object.entries(SAMPLE_FILES).map(([path, text]) => write(path, text)));
});
afterEach(async () => {
  worker?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

describe("with a provisional plan", () => {
  beforeEach(() =>
    write(
      `${TASK}/plan.md`,
      "# Add a /health endpoint\n\n- [ ] Add a /health endpoint\n\n> **Note from mona:** be quick\n",
    ),
  );

  it("plans, asks, takes the answer into its code, reports, and the tests pass", async () => {
    const { ended, output } = start(PROMPT);
    await until(() => existsSync(join(folder, TASK, "ipc/001.question")));
    const plan = await read(`${TASK}/plan.md`);
    expect(markers(plan)).toEqual(["x", " ", " ", " ", " "]);
    expect(plan).toContain("> **Note from mona:** be quick");
    expect(await read(`${TASK}/ipc/001.question`)).toMatch(/^What should \/health return\?\n\n- .+\n- .+\n- .+\n$/);
    const pid = /Demo worker (\d+)/.exec(output())?.[1];

    await write(`${TASK}/ipc/001.answer`, "Status and uptime, please\n");
    expect(await ended).toBe(0);
    expect(markers(await read(`${TASK}/plan.md`))).toEqual(["x", "x", "x", "x", "x"]);
    expect(existsSync(join(folder, TASK, "ipc/001.done"))).toBe(true);
    expect(existsSync(join(folder, TASK, "ipc/.done"))).toBe(true);
    expect(await read("src/server.js")).toContain(
      `"/health": () => ({ status: 200, type: "application/json", body: JSON.stringify({ status: "ok", uptime: process.uptime() }) }),`,
    );
    expect(await read("README.md")).toContain("## /health");
    expect(await read(`${TASK}/output.md`)).toContain("`GET /health` now answers **200** (`application/json`)");
    expect(spawnSync(process.execPath, ["--test"], { cwd: folder }).status).toBe(0);
    expect(
      new Set(
        output()
          .match(/demo worker \d+/gi)
          ?.map((each) => each.split(" ")[2]),
      ),
    ).toEqual(new Set([pid]));
  });

  it.each([
    { answer: "1", line: `status: 200, type: "text/plain", body: "ok\\n"` },
    { answer: "C", line: `status: 204, type: "text/plain", body: ""` },
    { answer: 'Status 200 and the text "ok"', line: `status: 200, type: "text/plain", body: "ok\\n"` },
    { answer: 'All is "well"', line: `status: 200, type: "text/plain", body: "All is \\"well\\"\\n"` },
  ])("understands the answer $answer", async ({ answer, line }) => {
    const { ended } = start(PROMPT);
    await until(() => existsSync(join(folder, TASK, "ipc/001.question")));
    await write(`${TASK}/ipc/001.answer`, answer);
    expect(await ended).toBe(0);
    expect(await read("src/server.js")).toContain(line);
  });

  it("parks when nobody answers, and goes on from there when the answer is in its prompt", async () => {
    const { ended } = start(PROMPT, { DISPATCH_ANSWER_TIMEOUT_SECONDS: "0.2" });
    expect(await ended).toBe(0);
    const parked = await read(`${TASK}/plan.md`);
    expect(markers(parked)).toEqual(["x", "?", " ", " ", " "]);
    expect(parked).toMatch(/- \[\?\] .*\n {2}What should \/health return\?\n/);
    expect(await read(`${TASK}/context.md`)).toContain("What should /health return?");
    expect(existsSync(join(folder, TASK, "ipc/.done"))).toBe(false);

    const again = start(`${PROMPT}\nAnswer to question 001:\n\n> 204 without a body\n`);
    expect(await again.ended).toBe(0);
    const plan = await read(`${TASK}/plan.md`);
    expect(markers(plan)).toEqual(["x", "x", "x", "x", "x"]);
    expect(plan).not.toContain("What should");
    expect(existsSync(join(folder, TASK, "ipc/002.question"))).toBe(false);
    expect(await read("src/server.js")).toContain("status: 204");
  });

  it("believes what its prompt says about patience", async () => {
    const { ended } = start(PROMPT.replace("10 minutes", "0.005 minutes"));
    expect(await ended).toBe(0);
    expect(markers(await read(`${TASK}/plan.md`))).toEqual(["x", "?", " ", " ", " "]);
  });

  it("leaves a single item alone that was not said to be provisional", async () => {
    const { ended } = start(PROMPT.replace("provisional", "given"));
    expect(await ended).toBe(0);
    expect(markers(await read(`${TASK}/plan.md`))).toEqual(["x"]);
    expect(await read("WORKLOG.md")).toBe("- Add a /health endpoint\n");
  });

  it("ends at once on SIGTERM", async () => {
    const { ended, process: child } = start(PROMPT, { DISPATCH_DEMO_PACE_MS: "60000" }, []);
    await once(child.stdout ?? child, "data");
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
  });
});

it("does the items of a given plan one by one, and asks those that are questions", async () => {
  await write(`${TASK}/plan.md`, "# Chores\n- [ ] Sweep\n- [ ] Which colour?\n- [ ] Paint\n");
  const { ended } = start(PROMPT);
  await until(() => existsSync(join(folder, TASK, "ipc/001.question")));
  expect(await read(`${TASK}/ipc/001.question`)).toBe("Which colour?\n");
  await write(`${TASK}/ipc/001.answer`, "green");
  expect(await ended).toBe(0);
  expect(await read("WORKLOG.md")).toBe("- Sweep\n- Which colour? green\n- Paint\n");
  expect(await read(`${TASK}/plan.md`)).toBe("# Chores\n- [x] Sweep\n- [x] Which colour?\n- [x] Paint\n");
});

function start(prompt: string, env: Record<string, string> = {}, args: readonly string[] = ["--pace-ms", "5"]) {
  const child = spawn(WORKER, args, { cwd: folder, env: { PATH: process.env["PATH"] ?? "", ...env } });
  worker = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(prompt);
  const ended = once(child, "exit").then(([code]: unknown[]) => code);
  return { ended, process: child, output: () => output };
}

function markers(plan: string): readonly (string | undefined)[] {
  return Array.from(plan.matchAll(/^- \[(.)\]/gm), ([, marker]) => marker);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

function read(path: string): Promise<string> {
  return readFile(join(folder, path), "utf8");
}

async function until(holds: () => boolean): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > limit) throw new Error("It never came to pass.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

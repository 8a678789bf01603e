import { describe, expect, it } from "vitest";
import { maskedFolder, maskedWorkers, secretsIn } from "../../src/adapters/masking.ts";
import type { TaskFolder, WorkerExit, Workers } from "../../src/flows/machine-ports.ts";

const SECRET = "correct-horse-battery-staple";

describe("secrets of the run", () => {
  it("are told by their variables' names", () => {
    const environment = {
      ANTHROPIC_API_KEY: SECRET,
      "INPUT_GITHUB-TOKEN": "ghs_0123456789",
      HOME: "/home/runner",
      NO_TOKEN: undefined,
    };
    expect(secretsIn(environment)).toEqual([SECRET, "ghs_0123456789"]);
  });

  it("cannot be read from a task's folder", async () => {
    const folder: TaskFolder = {
      directory: "/tmp/task",
      read: async () => ({ files: { "output.md": `The key is ${SECRET}.`, "plan.md": "# Plain" }, warnings: ["w"] }),
      write: async () => {},
      edit: async () => {},
      changes: async function* () {},
    };
    const { files, warnings } = await maskedFolder(folder, [SECRET]).read();
    expect(files["output.md"]).not.toContain(SECRET);
    expect(files["plan.md"]).toBe("# Plain");
    expect(warnings).toEqual(["w"]);
  });

  it("are not in what a worker prints", async () => {
    const exit: WorkerExit = { code: 1, signal: null, tail: `died with ${SECRET}` };
    const workers: Workers = {
      preflight: async () => null,
      endLeftBehind: async () => {},
      start: (_command, place) => {
        place.onLine(`echo ${SECRET}`);
        return { ended: Promise.resolve(exit), stop: async () => {} };
      },
    };
    const lines: string[] = [];
    const place = {
      directory: "/",
      ref: { thread: "1", id: "a" },
      answerTimeout: 1,
      env: [],
      onLine: (line: string) => lines.push(line),
    };
    const worker = maskedWorkers(workers, [SECRET]).start(
      { kind: "generic", script: "", args: [], stdin: null, env: {} },
      place,
    );
    expect(lines.join()).not.toContain(SECRET);
    expect((await worker.ended).tail).not.toContain(SECRET);
    expect((await worker.ended).code).toBe(1);
  });
});

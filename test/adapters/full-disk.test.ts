import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, it, vi } from "vitest";
import { machineTrouble } from "../../src/core/machine-trouble.ts";
import { GitSandbox, text } from "./git-sandbox.ts";

// The system's own refusals, brought about by its limit on the size of a file: a disk that is full says the same in other words.

const FULL_DISK = join(import.meta.dirname, "../fixtures/full-disk");
const WRITER = pathToFileURL(join(import.meta.dirname, "../../src/adapters/task-folder-write.ts")).href;
const FULL = expect.objectContaining({ sentence: "The runner's disk is full." });

afterEach(() => {
  vi.unstubAllEnvs();
});

it("a commit that finds no room says so, changes no branch, and is whole the next time", async () => {
  await using sandbox = await GitSandbox.create();
  const checkout = sandbox.checkout();
  await checkout.prepare(
    { base: "main", branch: "dispatch/add-health-ab12", onPullRequest: false },
    { thread: "1", id: "add-health-ab12" },
  );
  const before = await sandbox.asWorker("rev-parse", "HEAD");
  const large = randomBytes(50_000).toString("hex");
  await writeFile(join(sandbox.workspace, "large.txt"), large);
  vi.stubEnv("PATH", [FULL_DISK, process.env["PATH"]].join(delimiter));
  const refusal = await checkout.save(text("Add it")).then(
    () => "",
    (error: unknown) => String(error),
  );
  expect(machineTrouble(refusal)).toEqual(FULL);
  vi.unstubAllEnvs();
  expect(await sandbox.asWorker("rev-parse", "HEAD")).toBe(before);

  expect(await checkout.save(text("Add it"))).toBe(true);
  expect(await checkout.push()).toMatchObject({ kind: "pushed" });
  expect(await sandbox.git(["show", "dispatch/add-health-ab12:large.txt"], sandbox.remote)).toBe(large);
});

it("an answer that finds no room leaves what was there, and nothing half", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dispatch-full-"));
  try {
    await writeFile(join(folder, "plan.md"), "# Plan\n");
    const write = `import { writeTaskFile } from ${JSON.stringify(WRITER)};
      await writeTaskFile(${JSON.stringify(folder)}, "plan.md", "x".repeat(100_000)).catch((error) => console.log(String(error)));`;
    const script = `trap '' XFSZ; ulimit -f 16; exec "$@"`;
    const node = [process.execPath, "--input-type=module", "-e", write];
    const { stdout } = await promisify(execFile)("bash", ["-c", script, "bash", ...node]);
    expect(machineTrouble(stdout)).toEqual(FULL);
    expect(await readFile(join(folder, "plan.md"), "utf8")).toBe("# Plan\n");
    expect((await readdir(folder)).toSorted()).toEqual(["ipc", "plan.md"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

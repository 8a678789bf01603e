import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { taskFolderAt } from "../../src/adapters/task-folder.ts";
import { installWorkerHelper } from "../../src/adapters/worker-helper.ts";

const SCRIPT = join(import.meta.dirname, "../../src/worker/main.ts");

it("is a command on the worker's PATH, wherever Node and the script lie", async () => {
  const root = await mkdtemp(join(tmpdir(), "dispatch helper's "));
  try {
    const bin = join(root, "bin");
    const folder = taskFolderAt(join(root, "work/.dispatch/tasks/add-health-ab12"));
    await folder.write({ "plan.md": "- [ ] One\n- [ ] Two\n" });
    installWorkerHelper(bin, { node: process.execPath, script: SCRIPT });
    installWorkerHelper(bin, { node: process.execPath, script: SCRIPT });
    const env = { PATH: [bin, process.env["PATH"]].join(delimiter), DISPATCH_TASK_FOLDER: folder.directory };
    const call = (...args: string[]) => execa("dispatch-worker", args, { env, reject: false, cwd: root });

    expect(await call("tick", "--note", `it's "done" & $HOME`)).toMatchObject({ exitCode: 0 });
    const asking = call("ask", "Go on?", "-o", "yes");
    for (let question: string | undefined; question === undefined; )
      question = (await folder.read()).files["ipc/001.question"];
    await folder.write({ "ipc/001.answer": "yes" });
    expect(await asking).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Answer:\nyes") });
    expect(await call("nonsense")).toMatchObject({ exitCode: 64, stderr: expect.stringContaining("nonsense") });

    const { files, warnings } = await folder.read();
    expect(warnings).toEqual([]);
    expect(files["plan.md"]).toBe(`- [x] One\n  it's "done" & $HOME\n- [ ] Two\n`);
    expect(files["ipc/001.done"]).toBe("");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

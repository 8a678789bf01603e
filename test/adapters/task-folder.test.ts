import { writeFileSync } from "node:fs";
import {
  appendFile,
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { taskFolderAt } from "../../src/adapters/task-folder.ts";
import "../seed.ts";

let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dispatch-folder-"));
  directory = join(root, "workspace/.dispatch/tasks/add-health-ab12");
  await mkdir(join(directory, "ipc"), { recursive: true });
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function at(path: string): string {
  return join(directory, path);
}

describe("reading", () => {
  it("gives the expected files and nothing else", async () => {
    const expected = {
      "plan.md": "- [ ] a\n",
      "output.md": "Done\n",
      "context.md": "",
      "review.json": "[]",
      "session.jsonl": "{}",
      "ipc/001.question": "Which port?",
      "ipc/001.answer": "8080",
      "ipc/001.done": "",
      "ipc/.done": "",
    };
    const others = [
      "thread.md",
      "task.yaml",
      ".lock",
      "plan.md.tmp",
      "ipc/1.question",
      "ipc/001.question.tmp",
      "ipc/0001.answer",
    ];
    for (const [path, text] of Object.entries(expected)) await writeFile(at(path), text);
    for (const path of others) await writeFile(at(path), "x");
    expect(await taskFolderAt(directory).read()).toEqual({ files: expected, warnings: [] });
  });

  it("is empty where there is no folder", async () => {
    await rm(directory, { recursive: true });
    expect(await taskFolderAt(directory).read()).toEqual({ files: {}, warnings: [] });
  });

  it("sees each new state, and a removal", async () => {
    const folder = taskFolderAt(directory);
    for (const text of ["- [ ] a\n", "- [x] a\n", "- [?] a\n"]) {
      await writeFile(at("plan.md"), text);
      expect((await folder.read()).files["plan.md"]).toBe(text);
    }
    await rm(at("plan.md"));
    expect((await folder.read()).files).toEqual({});
  });

  it.each([
    { what: "a byte-order mark", bytes: Buffer.from("\uFEFF- [ ] a"), text: "- [ ] a" },
    { what: "NULs", bytes: Buffer.from("- [\0 ] a\0"), text: "- [ ] a" },
    { what: "invalid UTF-8", bytes: Buffer.from([0x61, 0xff, 0x62]), text: "a\uFFFDb" },
  ])("cleans away $what", async ({ bytes, text }) => {
    await writeFile(at("plan.md"), bytes);
    expect((await taskFolderAt(directory).read()).files["plan.md"]).toBe(text);
  });

  it("cuts what is too long, at a whole character, and says so", async () => {
    await writeFile(at("output.md"), `${"a".repeat(256 * 1024 - 1)}ü and more`);
    const { files, warnings } = await taskFolderAt(directory).read();
    expect(files["output.md"]).toBe("a".repeat(256 * 1024 - 1));
    expect(warnings).toEqual(["output.md is longer than 256 KiB; the rest is left out."]);
  });

  it("reads ten gigabytes of nothing as quickly", async () => {
    await execa("truncate", ["-s", "10G", at("plan.md")]);
    const { files, warnings } = await taskFolderAt(directory).read();
    expect(files["plan.md"]).toBe("");
    expect(warnings).toHaveLength(1);
  });

  it("stops at 300 files", async () => {
    for (let nth = 0; nth < 400; nth++) await writeFile(at(`ipc/${String(nth).padStart(3, "0")}.question`), "?");
    await writeFile(at("plan.md"), "- [ ] a\n");
    const { files, warnings } = await taskFolderAt(directory).read();
    expect(Object.keys(files).length).toBeLessThanOrEqual(300);
    expect(files["plan.md"]).toBe("- [ ] a\n");
    expect(warnings).toEqual(["The task's folder holds too many files; only 300 are read."]);
  });

  it("waits until a file that is being written is whole", async () => {
    const whole = "- [ ] a\n".repeat(8);
    const writing = (async () => {
      await writeFile(at("plan.md"), "");
      for (let part = 0; part < 8; part++) {
        await appendFile(at("plan.md"), "- [ ] a\n");
        await sleep(8);
      }
    })();
    await sleep(15);
    const { files } = await taskFolderAt(directory).read();
    await writing;
    expect(files["plan.md"]).toBe(whole);
  });
});

describe("what a hostile worker puts there", () => {
  const secret = "secret of the runner\n";

  beforeEach(async () => {
    await mkdir(join(root, "elsewhere/ipc"), { recursive: true });
    for (const path of ["plan.md", "ipc/001.question"]) await writeFile(join(root, "elsewhere", path), secret);
  });

  it.each([
    { what: "a link", make: () => symlink(join(root, "elsewhere/plan.md"), at("plan.md")) },
    { what: "a relative link", make: () => symlink("../../../../elsewhere/plan.md", at("plan.md")) },
    { what: "a hard link", make: () => link(join(root, "elsewhere/plan.md"), at("plan.md")) },
    { what: "a directory", make: () => mkdir(at("plan.md")) },
    { what: "a pipe", make: () => execa("mkfifo", [at("plan.md")]) },
    { what: "a device", make: () => symlink("/dev/zero", at("plan.md")) },
  ])("is not read: $what", async ({ make }) => {
    await make();
    const { files, warnings } = await taskFolderAt(directory).read();
    expect(files).toEqual({});
    expect(warnings).toEqual([expect.stringMatching(/^plan\.md is not read: /)]);
  });

  it.each([
    { what: "the mailbox", path: "ipc", target: "elsewhere/ipc" },
    { what: "the folder", path: ".", target: "elsewhere" },
    { what: "the folder above", path: "..", target: "" },
  ])("is not followed: a link in place of $what", async ({ path, target }) => {
    await mkdir(join(root, "add-health-ab12"), { recursive: true });
    await writeFile(join(root, "add-health-ab12/plan.md"), secret);
    await rm(join(directory, path), { recursive: true });
    await symlink(join(root, target), join(directory, path));
    const folder = taskFolderAt(directory);
    expect(JSON.stringify((await folder.read()).files)).not.toContain("secret");
  });

  it.each([
    { what: "the file", path: "ipc/001.answer" },
    { what: "the mailbox", path: "ipc" },
    { what: "the folder", path: "." },
  ])("is not written through: a link in place of $what", async ({ path }) => {
    await writeFile(join(root, "elsewhere/001.answer"), "untouched");
    await rm(join(directory, path), { recursive: true, force: true });
    await symlink(join(root, "elsewhere", path === "ipc/001.answer" ? "001.answer" : ""), join(directory, path));
    await taskFolderAt(directory).write({ "ipc/001.answer": "8080" });
    expect(await readFile(join(root, "elsewhere/001.answer"), "utf8")).toBe("untouched");
    expect((await readdir(join(root, "elsewhere"))).sort()).toEqual(["001.answer", "ipc", "plan.md"]);
    expect(await readdir(join(root, "elsewhere/ipc"))).toEqual(["001.question"]);
    expect((await lstat(at("ipc/001.answer"))).isFile()).toBe(true);
    expect(await readFile(at("ipc/001.answer"), "utf8")).toBe("8080");
  });

  it("never brings out anything but text of a limited size, whatever the bytes", async () => {
    const folder = taskFolderAt(directory);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await writeFile(at("plan.md"), bytes);
        const { files, warnings } = await folder.read();
        expect(files["plan.md"]).not.toMatch(/\0|^\uFEFF/);
        expect(files["plan.md"]?.length).toBeLessThanOrEqual(bytes.length);
        expect(warnings).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("writing", () => {
  it("makes the folders, replaces what is there, and leaves no traces", async () => {
    await rm(join(root, "workspace"), { recursive: true });
    const folder = taskFolderAt(directory);
    await folder.write({ "plan.md": "- [ ] a\n", "ipc/001.answer": "no" });
    await folder.write({ "ipc/001.answer": "yes" });
    expect((await folder.read()).files).toEqual({ "plan.md": "- [ ] a\n", "ipc/001.answer": "yes" });
    expect((await readdir(directory)).sort()).toEqual(["ipc", "plan.md"]);
    expect(await readdir(at("ipc"))).toEqual(["001.answer"]);
    expect((await lstat(at("plan.md"))).mode & 0o777).toBe(0o644);
  });

  it("makes the mailbox with the first file", async () => {
    await rm(join(root, "workspace"), { recursive: true });
    await taskFolderAt(directory).write({ "plan.md": "- [ ] a\n" });
    expect(await readdir(at("ipc"))).toEqual([]);
  });

  it("replaces a directory that the worker has put in the file's place", async () => {
    await mkdir(at("ipc/001.answer/deep"), { recursive: true });
    await taskFolderAt(directory).write({ "ipc/001.answer": "yes" });
    expect(await readFile(at("ipc/001.answer"), "utf8")).toBe("yes");
  });

  it.each(["../plan.md", "/etc/passwd", "ipc/../../x", "ipc/", "..", "a/b"])("refuses the path %s", async (path) => {
    await expect(taskFolderAt(directory).write({ [path]: "x" })).rejects.toThrow("Not a path");
  });

  it("lets a reader see each text whole", async () => {
    const folder = taskFolderAt(directory);
    const texts = ["a", "b"].map((letter) => letter.repeat(100_000));
    await folder.write({ "plan.md": texts[0] ?? "" });
    let over = false;
    const writing = (async () => {
      for (let nth = 0; nth < 60; nth++) await folder.write({ "plan.md": texts[nth % 2] ?? "" });
      over = true;
    })();
    while (!over) expect(texts).toContain(await readFile(at("plan.md"), "utf8"));
    await writing;
  });
});

describe("edit", () => {
  it("starts again from what the worker has written meanwhile", async () => {
    await writeFile(at("plan.md"), "- [ ] one\n- [ ] two\n");
    let tries = 0;
    await taskFolderAt(directory).edit("plan.md", (text) => {
      tries += 1;
      // The worker ticks in the moment between our reading and our writing.
      if (tries === 1) writeFileSync(at("plan.md"), "- [x] one\n- [ ] two\n");
      return `${text}> a note\n`;
    });
    expect(tries).toBe(2);
    expect(await readFile(at("plan.md"), "utf8")).toBe("- [x] one\n- [ ] two\n> a note\n");
    expect(await readdir(directory)).toEqual(["ipc", "plan.md"]);
  });

  it("sees a missing file as empty, and leaves alone what is to stay", async () => {
    const folder = taskFolderAt(directory);
    await folder.edit("plan.md", (text) => (text === "" ? null : "x"));
    expect(await readdir(directory)).toEqual(["ipc"]);
    await folder.edit("plan.md", () => "# Here");
    expect(await readFile(at("plan.md"), "utf8")).toBe("# Here");
  });
});

describe("changes", () => {
  /** Counts the changes that are told, and says when the next one comes. */
  function follow() {
    const stop = new AbortController();
    let count = 0;
    let next = Promise.withResolvers<void>();
    const ended = (async () => {
      for await (const _ of taskFolderAt(directory).changes(stop.signal)) {
        count++;
        next.resolve();
        next = Promise.withResolvers<void>();
      }
    })();
    return {
      count: () => count,
      async within(ms: number): Promise<boolean> {
        return Promise.race([next.promise.then(() => true), sleep(ms, false)]);
      },
      async end() {
        stop.abort();
        await ended;
      },
    };
  }

  it("are told at once, many together as one, and end with the signal", async () => {
    const following = follow();
    await sleep(200);
    const before = following.count();
    expect(before).toBeGreaterThan(0);
    const told = following.within(500);
    // In one turn: on a busy machine five turns are apart as far as five changes are.
    for (const nth of [1, 2, 3, 4, 5]) writeFileSync(at("plan.md"), `${nth}`);
    const since = Date.now();
    expect(await told).toBe(true);
    expect(Date.now() - since).toBeLessThan(400);
    await sleep(100);
    expect(following.count() - before).toBeLessThanOrEqual(2);
    await following.end();
  });

  it("are told for the mailbox, also one that comes into being later", async () => {
    await rm(at("ipc"), { recursive: true });
    const following = follow();
    await sleep(200);
    await mkdir(at("ipc"));
    await sleep(150);
    const told = following.within(800);
    await writeFile(at("ipc/tmp"), "?");
    await rename(at("ipc/tmp"), at("ipc/001.question"));
    expect(await told).toBe(true);
    await following.end();
  });

  it("are still told when the folder was deleted and made again", async () => {
    const following = follow();
    await sleep(150);
    await rm(directory, { recursive: true });
    await sleep(1300);
    await mkdir(directory, { recursive: true });
    await sleep(1300);
    const told = following.within(500);
    await writeFile(at("plan.md"), "- [ ] a\n");
    expect(await told).toBe(true);
    await following.end();
  });

  it("are not told where nothing happens", async () => {
    await writeFile(at("plan.md"), "- [ ] a\n");
    const following = follow();
    await sleep(300);
    const before = following.count();
    await sleep(2200);
    expect(following.count()).toBe(before);
    await following.end();
  });

  it("end even when the signal came first", async () => {
    const seen: unknown[] = [];
    for await (const change of taskFolderAt(directory).changes(AbortSignal.abort())) seen.push(change);
    expect(seen).toEqual([]);
  });

  it("survive a folder that cannot be read", async () => {
    await chmod(directory, 0o000);
    const following = follow();
    await sleep(100);
    await following.end();
    await chmod(directory, 0o755);
  });
});

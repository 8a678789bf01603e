import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BOT, GitSandbox, text } from "./git-sandbox.ts";

const REF = { thread: "1", id: "add-health-ab12" };
const ISSUE_WORK = { base: "main", branch: "dispatch/add-health-ab12", onPullRequest: false };
const PULL_WORK = { base: "main", branch: "feature", onPullRequest: true };
const FORK_WORK = {
  base: "main",
  branch: "dispatch/add-health-ab12",
  onPullRequest: false,
  readOnly: true,
  pull: 3,
} as const;

const RECORDING_GIT = join(import.meta.dirname, "../fixtures/bin/recording-git");

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("preparing the workspace", () => {
  it("puts the base into an empty workspace, under the work branch's name", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.checkout().prepare(ISSUE_WORK, REF);
    expect(await readFile(join(sandbox.workspace, "README.md"), "utf8")).toBe("# Hello\n");
    expect(await sandbox.asWorker("branch", "--show-current")).toBe(ISSUE_WORK.branch);
    expect(await sandbox.asWorker("status", "--porcelain")).toBe("");
  });

  it("continues the work branch where it exists", async () => {
    await using sandbox = await GitSandbox.create();
    const tip = await sandbox.commitAsOther({ "a.txt": "a\n" }, "First item", ISSUE_WORK.branch);
    await sandbox.checkout().prepare(ISSUE_WORK, REF);
    expect(await sandbox.asWorker("rev-parse", "HEAD")).toBe(tip);
    expect(await sandbox.asWorker("log", "--format=%s", "origin/main")).toBe("Begin");
  });

  it("is not misled by a longer branch name", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.commitAsOther({ "a.txt": "a\n" }, "Another task", `${ISSUE_WORK.branch}-2`);
    await sandbox.checkout().prepare(ISSUE_WORK, REF);
    expect(await sandbox.asWorker("log", "--format=%s")).toBe("Begin");
  });

  it("takes a pull request's own branch", async () => {
    await using sandbox = await GitSandbox.create();
    const tip = await sandbox.commitAsOther({ "a.txt": "a\n" }, "Their work", PULL_WORK.branch);
    await sandbox.checkout().prepare(PULL_WORK, REF);
    expect(await sandbox.asWorker("rev-parse", "HEAD")).toBe(tip);
  });

  it.each([{ depth: 1 }, { depth: 50 }])(
    "uses a checkout of depth $depth and keeps what was built in it",
    async ({ depth }) => {
      await using sandbox = await GitSandbox.create({ "README.md": "# Hello\n", ".gitignore": "node_modules/\n" });
      for (const nth of [1, 2, 3]) await sandbox.commitAsOther({ "n.txt": `${nth}\n` }, `Change ${nth}`, "main");
      await sandbox.git(
        ["clone", "-q", `--depth=${depth}`, `file://${sandbox.remote}`, sandbox.workspace],
        sandbox.root,
      );
      await sandbox.write({
        "node_modules/built.js": "built",
        "cache.tmp": "untracked",
        "n.txt": "changed by a step\n",
      });
      await sandbox.commitAsOther({ "later.txt": "later\n" }, "Since the checkout", "main");

      const checkout = sandbox.checkout();
      await checkout.prepare(ISSUE_WORK, REF);

      expect((await readdir(sandbox.workspace)).sort()).toEqual([
        ".git",
        ".gitignore",
        "README.md",
        "cache.tmp",
        "later.txt",
        "n.txt",
        "node_modules",
      ]);
      expect(await readFile(join(sandbox.workspace, "n.txt"), "utf8")).toBe("3\n");
      expect(await sandbox.asWorker("log", "--format=%s")).toBe(
        "Since the checkout\nChange 3\nChange 2\nChange 1\nBegin",
      );

      await sandbox.write({ "health.txt": "ok\n" });
      await checkout.save(text("Add health"));
      expect(await checkout.push()).toMatchObject({ kind: "pushed" });
      expect(await sandbox.subjects(ISSUE_WORK.branch)).toContain("Add health");
    },
  );

  it("works beside the merge commit that a pull request's checkout is", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.commitAsOther({ "a.txt": "a\n" }, "Their work", "feature");
    await sandbox.git(["checkout", "-q", "--detach", "main"], sandbox.other);
    await sandbox.git(["merge", "-q", "--no-ff", "-m", "Merge", "feature"], sandbox.other);
    await sandbox.git(["push", "-q", "origin", "HEAD:refs/pull/2/merge"], sandbox.other);
    await sandbox.git(["init", "-q", sandbox.workspace], sandbox.root);
    const fetch = ["fetch", "-q", "--depth=1", `file://${sandbox.remote}`, "refs/pull/2/merge"];
    await sandbox.git(fetch, sandbox.workspace);
    await sandbox.git(["checkout", "-q", "FETCH_HEAD"], sandbox.workspace);

    const checkout = sandbox.checkout();
    await checkout.prepare(PULL_WORK, REF);
    await sandbox.write({ "b.txt": "b\n" });
    await checkout.save(text("Add b"));
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add b"]);
  });

  it("takes away the credentials that an earlier checkout step has left", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.git(["clone", "-q", sandbox.remote, sandbox.workspace], sandbox.root);
    const included = join(sandbox.root, "git-credentials-1234.config");
    await writeFile(included, "[http]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n");
    const config = join(sandbox.workspace, ".git", "config");
    const set = (key: string, value: string) =>
      sandbox.git(["config", "--file", config, "--add", key, value], sandbox.root);
    await set("http.https://github.com/.extraheader", "AUTHORIZATION: basic c2VjcmV0");
    await set(`includeIf.gitdir:${sandbox.workspace}/.git.path`, included);
    await set("remote.mirror.url", "https://x-access-token:c2VjcmV0@github.com/octo-org/hello.git");
    await set("url.https://x:c2VjcmV0@github.com/.insteadOf", "https://github.com/");
    await set("core.sshCommand", "ssh -i /tmp/c2VjcmV0");

    await sandbox.checkout().prepare(ISSUE_WORK, REF);

    const left = await readFile(config, "utf8");
    expect(left).not.toContain("c2VjcmV0");
    expect(left).toContain("https://github.com/octo-org/hello.git");
    expect(left).not.toContain("git-credentials");
    await expect(readFile(included)).rejects.toThrow("ENOENT");
  });

  it("commits nothing that earlier steps have left in the tree, whatever its name", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.write({ "gha-creds-1.json": "a key", "#odd [name]!*.txt ": "odd", "out/made.txt": "made" });
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    expect(await checkout.save(text("Nothing yet"))).toBe(false);
    await sandbox.write({ "work.txt": "work", "creds-2.json": "the worker's own" });
    expect(await checkout.save(text("Work"))).toBe(true);
    expect(await sandbox.asWorker("ls-files")).toBe("README.md\ncreds-2.json\nwork.txt");
    expect(await readFile(join(sandbox.workspace, "gha-creds-1.json"), "utf8")).toBe("a key");
  });

  it("says which branch is missing", async () => {
    await using sandbox = await GitSandbox.create();
    const prepared = sandbox.checkout().prepare({ ...ISSUE_WORK, base: "gone" }, REF);
    await expect(prepared).rejects.toMatchObject({
      code: "base-missing",
      message: expect.stringContaining("`gone`"),
    });
  });

  it("says git's own words when the repository cannot be reached", async () => {
    await using sandbox = await GitSandbox.create();
    const prepared = sandbox.checkout({ remoteUrl: join(sandbox.root, "nowhere.git") }).prepare(ISSUE_WORK, REF);
    await expect(prepared).rejects.toMatchObject({
      code: "checkout-failed",
      message: expect.stringContaining("does not appear to be a git repository"),
    });
  });

  it("gives the worker a name to commit under", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.checkout().prepare(ISSUE_WORK, REF);
    await sandbox.write({ "a.txt": "a\n" });
    await sandbox.asWorker("add", "a.txt");
    await sandbox.asWorker("commit", "-q", "-m", "By the worker");
    expect(await sandbox.asWorker("log", "-1", "--format=%an <%ae>")).toBe(`${BOT.name} <${BOT.email}>`);
  });
});

describe("the repository's own .dispatch/", () => {
  const files = {
    "README.md": "# Hello\n",
    ".dispatch/config.yaml": "default: opus\n",
    ".dispatch/tasks/add-health-ab12/plan.md": "evil\n",
  };

  it("is not seen by the worker, and stays in the repository", async () => {
    await using sandbox = await GitSandbox.create(files);
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    expect(await readdir(sandbox.workspace)).not.toContain(".dispatch");
    expect(await sandbox.asWorker("status", "--porcelain")).toBe("");

    await sandbox.write({ "a.txt": "a\n", ".dispatch/tasks/add-health-ab12/plan.md": "- [ ] ours\n" });
    expect(await checkout.save(text("Add a"))).toBe(true);
    await sandbox.write({ "b.txt": "b\n", ".dispatch/tasks/add-health-ab12/ipc/001.question": "?" });
    await sandbox.asWorker("add", "-A");
    await sandbox.asWorker("commit", "-q", "-m", "By the worker");
    await checkout.push();

    expect(await sandbox.paths(ISSUE_WORK.branch)).toEqual(
      [...Object.keys(files), "a.txt", "b.txt"].sort((x, y) => (x < y ? -1 : 1)).sort(),
    );
    expect(await sandbox.show(ISSUE_WORK.branch, ".dispatch/tasks/add-health-ab12/plan.md")).toBe("evil");
    expect(sandbox.warnings).toEqual([]);
  });

  it("is taken out again when the worker commits its task folder by force", async () => {
    await using sandbox = await GitSandbox.create();
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    await sandbox.write({ ".dispatch/tasks/add-health-ab12/plan.md": "- [x] a\n", "a.txt": "a\n" });
    await sandbox.asWorker("add", "-A", "-f");
    await sandbox.asWorker("commit", "-q", "-m", "Everything");
    expect(await checkout.save(text("Add a"))).toBe(true);
    await checkout.push();
    expect(await sandbox.paths(ISSUE_WORK.branch)).toEqual(["README.md", "a.txt"]);
    expect(await readFile(join(sandbox.workspace, ".dispatch/tasks/add-health-ab12/plan.md"), "utf8")).toBe(
      "- [x] a\n",
    );
  });

  it("is removed when it is a link to somewhere else", async () => {
    await using sandbox = await GitSandbox.create();
    const elsewhere = join(sandbox.root, "elsewhere");
    await sandbox.write({ "tasks/keep.txt": "kept" }, elsewhere);
    await symlink(elsewhere, join(sandbox.other, ".dispatch"));
    await sandbox.commitAsOther({}, "A link", "main");
    await sandbox.checkout().prepare(ISSUE_WORK, REF);
    expect(await readdir(sandbox.workspace)).not.toContain(".dispatch");
    expect(await readdir(join(elsewhere, "tasks"))).toEqual(["keep.txt"]);
  });
});

describe("saving", () => {
  it("commits new, changed and deleted files as the bot, with the requester beside it", async () => {
    await using sandbox = await GitSandbox.create({ "README.md": "# Hello\n", "old.txt": "old\n" });
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    await sandbox.write({ "README.md": "# Hello, world\n", "new file ü.txt": "new\n" });
    await rm(join(sandbox.workspace, "old.txt"));

    expect(await checkout.save(text("# Add a greeting", true))).toBe(true);
    expect(await sandbox.asWorker("log", "-1", "--format=%an|%cn|%B")).toBe(
      [
        `${BOT.name}|${BOT.name}|# Add a greeting`,
        "",
        "Dispatch-Task: add-health-ab12",
        "Co-authored-by: mona <583231+mona@users.noreply.github.com>",
        `Signed-off-by: ${BOT.name} <${BOT.email}>`,
        "",
      ].join("\n"),
    );
    expect(await checkout.save(text("Nothing more"))).toBe(false);
  });

  it("obeys no hook, monitor or signing that the worker has planted", async () => {
    await using sandbox = await GitSandbox.create();
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    const trap = join(sandbox.root, "trap.sh");
    const sprung = join(sandbox.root, "sprung");
    await writeFile(trap, `#!/bin/sh\ntouch ${sprung}\nexit 1\n`);
    await chmod(trap, 0o755);
    const hooks = join(sandbox.workspace, ".git", "hooks");
    await mkdir(hooks, { recursive: true });
    for (const hook of [
      "pre-commit",
      "commit-msg",
      "post-commit",
      "post-checkout",
      "reference-transaction",
      "pre-push",
    ]) {
      await symlink(trap, join(hooks, hook));
    }
    await sandbox.asWorker("config", "core.fsmonitor", trap);
    await sandbox.asWorker("config", "commit.gpgsign", "true");
    await sandbox.asWorker("config", "gpg.program", trap);
    await sandbox.asWorker("config", "uploadpack.packObjectsHook", trap);
    await sandbox.write({ "a.txt": "a\n" });

    expect(await checkout.save(text("Add a"))).toBe(true);
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await readdir(sandbox.root)).not.toContain("sprung");
  });

  it("waits for the worker's own git, and clears a lock that nobody holds any more", async () => {
    await using sandbox = await GitSandbox.create();
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    await sandbox.write({ "a.txt": "a\n" });
    const lock = join(sandbox.workspace, ".git", "index.lock");
    await writeFile(lock, "");
    setTimeout(() => void rm(lock, { force: true }), 300);
    expect(await checkout.save(text("Add a"))).toBe(true);

    await sandbox.write({ "b.txt": "b\n" });
    await writeFile(lock, "");
    await execa("touch", ["-d", "1 minute ago", lock]);
    expect(await checkout.save(text("Add b"))).toBe(true);
  });

  it("leaves out repositories that the worker has cloned into the tree", async () => {
    await using sandbox = await GitSandbox.create();
    const checkout = sandbox.checkout();
    await checkout.prepare(ISSUE_WORK, REF);
    await sandbox.git(["clone", "-q", sandbox.remote, join(sandbox.workspace, "cloned")], sandbox.root);
    await sandbox.git(["init", "-q", join(sandbox.workspace, "empty")], sandbox.root);
    await sandbox.write({ "a.txt": "a\n" });
    expect(await checkout.save(text("Add a"))).toBe(true);
    await checkout.push();
    expect(await sandbox.paths(ISSUE_WORK.branch)).toEqual(["README.md", "a.txt"]);
    expect(sandbox.warnings.join()).toContain("cloned");
  });
});

describe("a fork's pull request that is only read", () => {
  async function withFork(): Promise<{ readonly sandbox: GitSandbox; readonly tip: string }> {
    const sandbox = await GitSandbox.create();
    const tip = await sandbox.commitAsOther({ LICENSE: "Free\n" }, "Add a license", "theirs");
    await sandbox.git(["update-ref", "refs/pull/3/head", tip], sandbox.remote);
    await sandbox.git(["update-ref", "-d", "refs/heads/theirs"], sandbox.remote);
    return { sandbox, tip };
  }

  it("is brought as it stands, with the base beside it", async () => {
    const { sandbox: made, tip } = await withFork();
    await using sandbox = made;
    await sandbox.checkout().prepare(FORK_WORK, REF);
    expect(await sandbox.asWorker("rev-parse", "HEAD")).toBe(tip);
    expect(await sandbox.asWorker("log", "--format=%s", "origin/main..HEAD")).toBe("Add a license");
    expect(await readFile(join(sandbox.workspace, "LICENSE"), "utf8")).toBe("Free\n");
  });

  it("keeps on the runner whatever is made of it, also for a later process", async () => {
    const { sandbox: made, tip } = await withFork();
    await using sandbox = made;
    const before = await sandbox.git(["for-each-ref"], sandbox.remote);
    const checkout = sandbox.checkout();
    await checkout.prepare(FORK_WORK, REF);
    await sandbox.write({ "a.txt": "a\n" });
    expect(await checkout.save(text("Add a"))).toBe(true);
    await sandbox.asWorker("commit", "-q", "--allow-empty", "-m", "Own commit");
    const later = sandbox.checkout();
    expect(await later.adopt(FORK_WORK, REF)).toBe(true);
    for (const one of [checkout, later]) {
      expect(await one.push()).toEqual({ kind: "nothing" });
      expect(await one.summary()).toEqual({ commits: 0, files: [], insertions: 0, deletions: 0 });
      expect(await one.bundle()).toBeNull();
    }
    expect(await sandbox.git(["for-each-ref"], sandbox.remote)).toBe(before);
    expect(await sandbox.asWorker("log", "--format=%s", `${tip}..HEAD`)).toBe("Own commit\nAdd a");
  });

  it("is said to be gone when it is", async () => {
    await using sandbox = await GitSandbox.create();
    await expect(sandbox.checkout().prepare(FORK_WORK, REF)).rejects.toMatchObject({
      code: "checkout-failed",
      message: "The code of pull request #3 is not there any more.",
    });
  });
});

describe("the token", () => {
  it("opens the remote, and stays out of arguments, files and the worker's reach", async () => {
    await using sandbox = await GitSandbox.create();
    await using server = await sandbox.serve("ghs_secret");
    vi.stubEnv("PATH", `${RECORDING_GIT}${delimiter}${process.env["PATH"]}`);
    // Where the recorder writes: this variable is handed on to git.
    vi.stubEnv("TMPDIR", sandbox.root);
    const checkout = sandbox.checkout({ remoteUrl: server.url });
    await checkout.prepare(ISSUE_WORK, REF);
    await sandbox.write({ "a.txt": "a\n" });
    await checkout.save(text("Add a"));
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });

    const secrets = ["ghs_secret", Buffer.from("x-access-token:ghs_secret").toString("base64")];
    const calls = await readFile(join(sandbox.root, "argv.txt"), "utf8");
    expect(calls).toMatch(/fetch .*hello\.git[^]*push .*hello\.git/);
    for (const secret of secrets) expect(calls).not.toContain(secret);
    const found = await execa("grep", ["-rlE", secrets.join("|"), sandbox.workspace, sandbox.temp], { reject: false });
    expect(found).toMatchObject({ exitCode: 1, stdout: "" });
  });

  it("that is not accepted is said so", async () => {
    await using sandbox = await GitSandbox.create();
    await using server = await sandbox.serve("ghs_secret");
    const prepared = sandbox
      .checkout({ remoteUrl: server.url, token: async () => "ghs_other" })
      .prepare(ISSUE_WORK, REF);
    await expect(prepared).rejects.toMatchObject({
      code: "checkout-failed",
      message: expect.stringContaining("token is not accepted"),
    });
  });
});

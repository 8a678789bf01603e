import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPushReport } from "../../src/adapters/git-push-report.ts";
import { GitSandbox, text } from "./git-sandbox.ts";

const REF = { thread: "2", id: "fix-typo-cd34" };
const WORK = { base: "main", branch: "feature", onPullRequest: true };
const README = "# Hello\n\nOne\nTwo\nThree\nFour\nFive\nSix\n";

/** A pull request's branch, prepared for a worker. */
async function preparedSandbox() {
  const sandbox = await GitSandbox.create({ "README.md": README });
  await sandbox.commitAsOther({ "theirs.txt": "theirs\n" }, "Their work", "feature");
  const checkout = sandbox.checkout();
  await checkout.prepare(WORK, REF);
  const work = async (files: Readonly<Record<string, string>>, message: string) => {
    await sandbox.write(files);
    await checkout.save(text(message));
  };
  return { sandbox, checkout, work };
}

describe("pushing", () => {
  it("says when there is nothing to push", async () => {
    const { sandbox, checkout } = await preparedSandbox();
    await using _ = sandbox;
    expect(await checkout.push()).toEqual({ kind: "nothing" });
  });

  it("brings one commit after the other, the worker's own among them", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    expect(await checkout.push()).toEqual({ kind: "pushed", head: await sandbox.asWorker("rev-parse", "HEAD") });
    await sandbox.write({ "b.txt": "b\n" });
    await sandbox.asWorker("add", "b.txt");
    await sandbox.asWorker("commit", "-q", "-m", "Add b myself");
    await work({ "c.txt": "c\n" }, "Add c");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await checkout.push()).toEqual({ kind: "nothing" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add a", "Add b myself", "Add c"]);
  });

  it("creates a task's own branch, also with a remote that has not got it any more", async () => {
    await using sandbox = await GitSandbox.create();
    const checkout = sandbox.checkout();
    await checkout.prepare({ base: "main", branch: "dispatch/fix-typo-cd34", onPullRequest: false }, REF);
    await sandbox.write({ "a.txt": "a\n" });
    await checkout.save(text("Add a"));
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("dispatch/fix-typo-cd34")).toEqual(["Begin", "Add a"]);
  });

  it("goes on in another process with what the first one left", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    await sandbox.write({ "b.txt": "b\n" });

    const later = sandbox.checkout();
    expect(await later.adopt(WORK, { thread: "2", id: "another-task-ef56" })).toBe(false);
    expect(await later.adopt(WORK, REF)).toBe(true);
    await later.save(text("Add b"));
    expect(await later.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add a", "Add b"]);
    expect(await sandbox.checkout({ tempDir: join(sandbox.root, "none") }).adopt(WORK, REF)).toBe(false);
  });
});

describe("a bundle", () => {
  it("holds what the remote did not take, for anybody with a clone", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    await sandbox.refuse("No.");
    await work({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push()).toMatchObject({ kind: "refused", commits: [expect.stringMatching(/^Add b\n/)] });
    const bundle = await checkout.bundle();
    expect(bundle).toMatch(/\/dispatch-work\.bundle$/);
    expect(bundle?.startsWith(sandbox.workspace)).toBe(false);
    await sandbox.git(["fetch", "-q", "origin", "feature"], sandbox.other);
    await sandbox.git(["fetch", "-q", bundle ?? "", "feature"], sandbox.other);
    expect(await sandbox.git(["log", "-2", "--format=%s", "FETCH_HEAD"], sandbox.other)).toBe("Add b\nAdd a");
  });

  it("holds a new branch whose history is cut", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.growMain(120);
    const checkout = sandbox.checkout({ remoteUrl: `file://${sandbox.remote}` });
    await checkout.prepare({ base: "main", branch: "dispatch/fix-typo-cd34", onPullRequest: false }, REF);
    await sandbox.write({ "a.txt": "a\n" });
    await checkout.save(text("Add a"));
    await sandbox.refuse("No.");
    expect(await checkout.push()).toMatchObject({ kind: "refused" });
    const bundle = (await checkout.bundle()) ?? "";
    await sandbox.git(["fetch", "-q", "origin", "main"], sandbox.other);
    await sandbox.git(["fetch", "-q", bundle, "dispatch/fix-typo-cd34"], sandbox.other);
    expect(await sandbox.git(["show", "FETCH_HEAD:a.txt"], sandbox.other)).toBe("a");
  });

  it("is not made where the remote has all", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    expect(await checkout.bundle()).toBeNull();
    await work({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    expect(await checkout.bundle()).toBeNull();
  });
});

describe("when somebody else has pushed", () => {
  it("puts the work on top of theirs, and the workspace follows", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await sandbox.commitAsOther({ "README.md": README.replace("One", "1") }, "Meanwhile", "feature");

    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Meanwhile", "Add a"]);
    expect(await readFile(join(sandbox.workspace, "README.md"), "utf8")).toContain("1\nTwo");

    await work({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Meanwhile", "Add a", "Add b"]);
  });

  it("leaves the worker alone that is in the middle of something, and loses nothing of either", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await sandbox.write({ "README.md": README.replace("Six", "half done") });
    await sandbox.commitAsOther({ "README.md": README.replace("One", "1") }, "Meanwhile", "feature");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await readFile(join(sandbox.workspace, "README.md"), "utf8")).toContain("One\nTwo");

    await work({ "README.md": README.replace("Six", "6") }, "Change six");
    await sandbox.commitAsOther({ "more.txt": "more\n" }, "Once more", "feature");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual([
      "Begin",
      "Their work",
      "Meanwhile",
      "Add a",
      "Once more",
      "Change six",
    ]);
    expect(await sandbox.show("feature", "README.md")).toBe(README.replace("One", "1").replace("Six", "6").trimEnd());
  });

  it("keeps a merge of the worker a merge", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await sandbox.commitAsOther({ "main.txt": "main\n" }, "On main", "main");
    await sandbox.asWorker("fetch", "-q", sandbox.remote, "main");
    await sandbox.asWorker("merge", "-q", "--no-ff", "-m", "Merge main", "FETCH_HEAD");
    await work({ "a.txt": "a\n" }, "Add a");
    await sandbox.commitAsOther({ "x.txt": "x\n" }, "Meanwhile", "feature");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    const merges = await sandbox.git(["log", "--merges", "--format=%s", "refs/heads/feature"], sandbox.remote);
    expect(merges).toBe("Merge main");
    const onMain = await sandbox.git(["log", "--format=%s", "refs/heads/feature"], sandbox.remote);
    expect(onMain.split("\n").filter((subject) => subject === "On main")).toHaveLength(1);
  });

  it("moves work that conflicts to a branch of its own, and stays there", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "theirs.txt": "ours\n" }, "Change it our way");
    await sandbox.commitAsOther({ "theirs.txt": "again theirs\n" }, "Change it their way", "feature");

    const moved = await checkout.push();
    expect(moved).toEqual({
      kind: "moved",
      branch: `dispatch/${REF.id}`,
      base: "feature",
      why: "conflict",
      head: await sandbox.asWorker("rev-parse", "HEAD"),
    });
    await work({ "a.txt": "a\n" }, "Add a");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Change it their way"]);
    expect(await sandbox.subjects(`dispatch/${REF.id}`)).toEqual(["Begin", "Their work", "Change it our way", "Add a"]);
  });

  it("finds another name when the task's own branch is what conflicts", async () => {
    await using sandbox = await GitSandbox.create({ "README.md": README });
    const branch = `dispatch/${REF.id}`;
    const checkout = sandbox.checkout();
    await checkout.prepare({ base: "main", branch, onPullRequest: false }, REF);
    await sandbox.write({ "a.txt": "ours\n" });
    await checkout.save(text("Add a"));
    await sandbox.commitAsOther({ "a.txt": "theirs\n" }, "Their a", branch);
    expect(await checkout.push()).toMatchObject({ kind: "moved", branch: `${branch}-2` });
    expect(await sandbox.show(branch, "a.txt")).toBe("theirs");
  });

  it("goes through although a hundred others do the same", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    // Each try finds that somebody was faster, until the third.
    const hook = join(sandbox.remote, "hooks", "pre-receive");
    const other = await sandbox.commitAsOther({ "x.txt": "x\n" }, "Meanwhile", "feature");
    expect(other).not.toBe("");
    await writeFile(
      hook,
      `#!/bin/sh\nn=$(cat "$GIT_DIR/tries" 2>/dev/null || echo 0); echo $((n + 1)) > "$GIT_DIR/tries"\n` +
        `[ "$n" -ge 2 ] || { echo "error: cannot lock ref 'refs/heads/feature': is at 1 but expected 2" >&2; exit 1; }\n`,
    );
    await chmod(hook, 0o755);
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Meanwhile", "Add a"]);
  });
});

describe("when the worker does what it likes with its checkout", () => {
  it("keeps commits on a branch that the worker has made", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await sandbox.asWorker("checkout", "-q", "-b", "my-idea");
    await work({ "a.txt": "a\n" }, "Add a");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add a"]);
  });

  it("keeps commits that the worker has left behind on the work branch, and those elsewhere", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await sandbox.asWorker("checkout", "-q", "--detach", "origin/main");
    await work({ "b.txt": "b\n" }, "Add b elsewhere");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add a", "Add b elsewhere"]);
    expect(await sandbox.paths("feature")).toEqual(["README.md", "a.txt", "b.txt", "theirs.txt"]);
  });

  it("adds one commit where the worker has rewritten what was pushed", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "first\n" }, "Add a");
    await checkout.push();
    await sandbox.write({ "a.txt": "second\n" });
    await sandbox.asWorker("commit", "-q", "-a", "--amend", "-m", "Add a, better");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add a", "Add a, better"]);
    expect(await sandbox.show("feature", "a.txt")).toBe("second");
  });

  it("saves files whose repository the worker has deleted", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    await rm(join(sandbox.workspace, ".git"), { recursive: true });
    await work({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Their work", "Add a", "Add b"]);
  });
});

describe("a push that the remote refuses", () => {
  it("is told in the remote's own sentence, and loses nothing", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "a.txt": "a\n" }, "Add a");
    await sandbox.refuse(
      "error: GH013: Repository rule violations found for refs/heads/feature.",
      "",
      "- Commits must have verified signatures.",
    );
    expect(await checkout.push()).toEqual({
      kind: "refused",
      sentence:
        "error: GH013: Repository rule violations found for refs/heads/feature. - Commits must have verified signatures.",
      commits: [expect.stringMatching(/^Add a\n\nDispatch-Task: add-health-ab12\nCo-authored-by: mona/)],
    });
    await rm(join(sandbox.remote, "hooks", "pre-receive"));
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
  });

  it.each([
    {
      what: "no words of the remote",
      result: {
        code: 1,
        stdout: "!\tabc:refs/heads/x\t[remote rejected] (shallow update not allowed)\nDone\n",
        stderr: "",
      },
      report: { kind: "refused", sentence: "shallow update not allowed" },
    },
    {
      what: "no permission",
      result: {
        code: 128,
        stdout: "",
        stderr:
          "remote: Permission to octo-org/hello.git denied to github-actions[bot].\nfatal: unable to access 'https://github.com/octo-org/hello.git/': The requested URL returned error: 403\n",
      },
      report: { kind: "refused", sentence: "Permission to octo-org/hello.git denied to github-actions[bot]." },
    },
    {
      what: "a branch in the way",
      result: {
        code: 1,
        stdout:
          "!\tabc:refs/heads/dispatch/x\t[remote rejected] (cannot lock ref 'refs/heads/dispatch/x': 'refs/heads/dispatch' exists; cannot create 'refs/heads/dispatch/x')\nDone\n",
        stderr: "",
      },
      report: {
        kind: "refused",
        sentence:
          "cannot lock ref 'refs/heads/dispatch/x': 'refs/heads/dispatch' exists; cannot create 'refs/heads/dispatch/x'",
      },
    },
    {
      what: "progress and colour",
      result: {
        code: 1,
        stdout: "!\tabc:refs/heads/x\t[remote rejected] (pre-receive hook declined)\n",
        stderr:
          "remote: Resolving deltas: 100% (1/1), done.\u001b[K\nremote: \u001b[31mNo.\u001b[0m        \nremote: -----\n",
      },
      report: { kind: "refused", sentence: "No." },
    },
    {
      what: "a later commit there",
      result: { code: 1, stdout: "!\tabc:refs/heads/x\t[rejected] (fetch first)\n", stderr: "" },
      report: { kind: "behind" },
    },
  ])("is read from $what", ({ result, report }) => {
    expect(readPushReport(result)).toEqual(report);
  });
});

describe("the summary", () => {
  it("counts what stands beyond the base, pushed or not", async () => {
    const { sandbox, checkout, work } = await preparedSandbox();
    await using _ = sandbox;
    await work({ "README.md": README.replace("One", "1"), "ü b.txt": "b\n" }, "Change one");
    await checkout.push();
    await work({ "c.bin": "\0\0" }, "Add a binary");
    expect(await checkout.summary()).toEqual({
      commits: 3,
      files: ["README.md", "c.bin", "theirs.txt", "ü b.txt"],
      insertions: 3,
      deletions: 1,
    });
  });

  it("is nothing where nothing was done", async () => {
    await using sandbox = await GitSandbox.create();
    const checkout = sandbox.checkout();
    await checkout.prepare({ base: "main", branch: "dispatch/fix-typo-cd34", onPullRequest: false }, REF);
    expect(await checkout.summary()).toEqual({ commits: 0, files: [], insertions: 0, deletions: 0 });
  });

  it("finds the fork point beyond the history that was fetched at first", async () => {
    await using sandbox = await GitSandbox.create();
    await sandbox.commitAsOther({ "theirs.txt": "theirs\n" }, "Their work", "feature");
    await sandbox.growMain(120);
    const checkout = sandbox.checkout({ remoteUrl: `file://${sandbox.remote}` });
    await checkout.prepare(WORK, REF);
    expect(await checkout.summary()).toMatchObject({ commits: 1, files: ["theirs.txt"] });
  });

  it("understands a worker that builds on a commit beyond that history", async () => {
    await using sandbox = await GitSandbox.create();
    const old = await sandbox.git(["rev-parse", "main"], sandbox.other);
    await sandbox.growMain(120);
    await sandbox.git(["clone", "-q", `file://${sandbox.remote}`, sandbox.workspace], sandbox.root);
    const checkout = sandbox.checkout({ remoteUrl: `file://${sandbox.remote}` });
    await checkout.prepare({ base: "main", branch: "dispatch/fix-typo-cd34", onPullRequest: false }, REF);
    expect(await sandbox.asWorker("rev-parse", "--is-shallow-repository")).toBe("false");
    await sandbox.asWorker("checkout", "-q", "--detach", old);
    await sandbox.write({ "a.txt": "a\n" });
    await checkout.save(text("Add a"));
    expect(await checkout.push()).toMatchObject({ kind: "pushed" });
    expect(await sandbox.show("dispatch/fix-typo-cd34", "a.txt")).toBe("a");
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IN_FULL } from "../stories/hostings.ts";
import { GitSandbox, text } from "./git-sandbox.ts";

const REF = { thread: "2", id: "fix-typo-cd34" };
const ASIDE = `dispatch/${REF.id}`;
const ON_PULL = { base: "main", branch: "feature", onPullRequest: true };
const ON_OWN = { base: "main", branch: ASIDE, onPullRequest: false };

/** A branch with "Wanted" and "Unwanted" on it, prepared for a worker. */
async function prepared(work: typeof ON_PULL = ON_PULL) {
  const sandbox = await GitSandbox.create({ "README.md": "# Hello\n" });
  const wanted = await sandbox.commitAsOther({ "wanted.txt": "wanted\n" }, "Wanted", work.branch);
  const unwanted = await sandbox.commitAsOther({ "unwanted.txt": "unwanted\n" }, "Unwanted", work.branch);
  const checkout = sandbox.checkout();
  await checkout.prepare(work, REF);
  const commit = async (files: Readonly<Record<string, string>>, message: string) => {
    await sandbox.write(files);
    await checkout.save(text(message));
  };
  /** Somebody's own history takes the branch's place. */
  const force = (to: string) =>
    sandbox.git(["push", "-q", "-f", "origin", `${to}:refs/heads/${work.branch}`], sandbox.other);
  const inOther = (...args: readonly string[]) => sandbox.git(args, sandbox.other);
  return { sandbox, checkout, commit, force, inOther, wanted, unwanted };
}

const BRANCHES = [
  { what: "a pull request's branch", work: ON_PULL },
  { what: "the task's own branch", work: ON_OWN },
];

// Told once is enough for the quick gate: each of these starts dozens of processes.
describe.each(IN_FULL ? BRANCHES : BRANCHES.slice(0, 1))(
  "when somebody rewrites $what while the work goes on",
  ({ work }) => {
    it.runIf(IN_FULL)("does not bring back what was taken out by a step back, before anything was pushed", async () => {
      const { sandbox, checkout, commit, force, wanted } = await prepared(work);
      await using _ = sandbox;
      await commit({ "a.txt": "a\n" }, "Add a");
      await force(wanted);
      expect(await checkout.push()).toMatchObject({ kind: "pushed", found: "rewritten" });
      expect(await sandbox.subjects(work.branch)).toEqual(["Begin", "Wanted", "Add a"]);
    });

    it("keeps all of its own work, that which was pushed before too, and only that", async () => {
      const { sandbox, checkout, commit, force, wanted } = await prepared(work);
      await using _ = sandbox;
      await commit({ "a.txt": "a\n" }, "Add a");
      await checkout.push();
      await sandbox.commitAsOther({ "x.txt": "x\n" }, "Of somebody else", work.branch);
      await commit({ "b.txt": "b\n" }, "Add b");
      await checkout.push();
      await force(wanted);
      await commit({ "c.txt": "c\n" }, "Add c");
      expect(await checkout.push()).toMatchObject({ kind: "pushed", found: "rewritten" });
      expect(await sandbox.subjects(work.branch)).toEqual(["Begin", "Wanted", "Add a", "Add b", "Add c"]);
      expect(await sandbox.paths(work.branch)).toEqual(["README.md", "a.txt", "b.txt", "c.txt", "wanted.txt"]);
      // The workspace follows, and so does the next push.
      expect(await sandbox.asWorker("log", "--format=%s", "-1", "HEAD~3")).toBe("Wanted");
      await commit({ "d.txt": "d\n" }, "Add d");
      expect(await checkout.push()).toEqual({ kind: "pushed", head: await sandbox.asWorker("rev-parse", "HEAD") });
    });

    it.runIf(IN_FULL)("goes on where the branch was stepped back to one of its own commits", async () => {
      const { sandbox, checkout, commit, force, inOther } = await prepared(work);
      await using _ = sandbox;
      await commit({ "a.txt": "1\n" }, "First");
      await checkout.push();
      await inOther("fetch", "-q", "origin", work.branch);
      const first = await inOther("rev-parse", "FETCH_HEAD");
      await commit({ "a.txt": "2\n" }, "Second");
      await checkout.push();
      await force(first);
      await commit({ "b.txt": "b\n" }, "Third");
      expect(await checkout.push()).toMatchObject({ kind: "pushed", found: "rewritten" });
      expect(await sandbox.subjects(work.branch)).toEqual(["Begin", "Wanted", "Unwanted", "First", "Second", "Third"]);
    });

    it.runIf(IN_FULL)(
      "finds its own commits again in a branch that was rebased, however often they touch the same line",
      async () => {
        const { sandbox, checkout, commit, force, inOther } = await prepared(work);
        await using _ = sandbox;
        await commit({ "a.txt": "1\n" }, "First");
        await commit({ "a.txt": "2\n" }, "Second");
        await checkout.push();
        await sandbox.commitAsOther({ "main.txt": "main\n" }, "On main", "main");
        await inOther("fetch", "-q", "origin", `+${work.branch}:rebasing`);
        await inOther("rebase", "-q", "main", "rebasing");
        await force("rebasing");
        await commit({ "a.txt": "3\n" }, "Third");
        expect(await checkout.push()).toMatchObject({ kind: "pushed", found: "rewritten" });
        expect(await sandbox.subjects(work.branch)).toEqual([
          "Begin",
          "On main",
          "Wanted",
          "Unwanted",
          "First",
          "Second",
          "Third",
        ]);
        expect(await sandbox.show(work.branch, "a.txt")).toBe("3");
      },
    );

    it.runIf(IN_FULL)("does nothing twice where somebody has squashed the branch", async () => {
      const { sandbox, checkout, commit, force, inOther } = await prepared(work);
      await using _ = sandbox;
      await commit({ "a.txt": "1\n" }, "First");
      await commit({ "a.txt": "2\n" }, "Second");
      await checkout.push();
      await inOther("fetch", "-q", "origin", work.branch);
      await force(await inOther("commit-tree", "FETCH_HEAD^{tree}", "-p", "main", "-m", "All in one"));
      await commit({ "a.txt": "3\n" }, "Third");
      expect(await checkout.push()).toMatchObject({ kind: "pushed", found: "rewritten" });
      expect(await sandbox.subjects(work.branch)).toEqual(["Begin", "All in one", "Third"]);
    });

    it.runIf(IN_FULL)("puts what does not fit on what is there now beside it, whole", async () => {
      const { sandbox, checkout, commit, force, wanted } = await prepared(work);
      await using _ = sandbox;
      await commit({ "unwanted.txt": "built on it\n" }, "Build on it");
      await checkout.push();
      await force(wanted);
      await commit({ "b.txt": "b\n" }, "Add b");
      const branch = work === ON_OWN ? `${ASIDE}-2` : ASIDE;
      expect(await checkout.push()).toMatchObject({ kind: "moved", why: "rewritten", branch, base: work.branch });
      expect(await sandbox.subjects(work.branch)).toEqual(["Begin", "Wanted"]);
      expect(await sandbox.subjects(branch)).toEqual(["Begin", "Wanted", "Unwanted", "Build on it", "Add b"]);
      expect(await checkout.summary()).toMatchObject({ commits: 3, files: ["b.txt", "unwanted.txt"] });
      await commit({ "c.txt": "c\n" }, "Add c");
      expect(await checkout.push()).toMatchObject({ kind: "pushed" });
      expect(await sandbox.subjects(branch)).toContain("Add c");
    });

    it.runIf(IN_FULL)(
      "leaves the worker alone that is in the middle of something, and keeps what it does",
      async () => {
        const { sandbox, checkout, commit, force, wanted } = await prepared(work);
        await using _ = sandbox;
        await commit({ "a.txt": "a\n" }, "Add a");
        await force(wanted);
        await sandbox.write({ "README.md": "half done\n" });
        await checkout.push();
        expect(await readFile(join(sandbox.workspace, "README.md"), "utf8")).toBe("half done\n");
        await commit({ "README.md": "done\n" }, "Change it");
        expect(await checkout.push()).toMatchObject({ kind: "pushed" });
        expect(await sandbox.subjects(work.branch)).toEqual(["Begin", "Wanted", "Add a", "Change it"]);
      },
    );
  },
);

describe("when somebody deletes the branch while the work goes on", () => {
  it("does not make a pull request's branch again: the work goes to one of its own, for the base", async () => {
    const { sandbox, checkout, commit, inOther } = await prepared();
    await using _ = sandbox;
    await commit({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    await inOther("push", "-q", "origin", ":feature");
    await commit({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push()).toMatchObject({ kind: "moved", why: "deleted", branch: ASIDE, base: "main" });
    expect(await sandbox.subjects(ASIDE)).toEqual(["Begin", "Wanted", "Unwanted", "Add a", "Add b"]);
    await expect(sandbox.subjects("feature")).rejects.toThrow();
  });

  it("makes the task's own branch again, with the whole work", async () => {
    const { sandbox, checkout, commit, inOther } = await prepared(ON_OWN);
    await using _ = sandbox;
    await commit({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    await inOther("push", "-q", "origin", `:${ASIDE}`);
    await commit({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push()).toMatchObject({ kind: "pushed", found: "deleted" });
    expect(await sandbox.subjects(ASIDE)).toEqual(["Begin", "Wanted", "Unwanted", "Add a", "Add b"]);
    await commit({ "c.txt": "c\n" }, "Add c");
    expect(await checkout.push()).toEqual({ kind: "pushed", head: await sandbox.asWorker("rev-parse", "HEAD") });
  });

  it.runIf(IN_FULL)("bundles the whole work where it may not even push", async () => {
    const { sandbox, checkout, commit, inOther } = await prepared(ON_OWN);
    await using _ = sandbox;
    await commit({ "a.txt": "a\n" }, "Add a");
    await checkout.push();
    await inOther("push", "-q", "origin", `:${ASIDE}`);
    await sandbox.refuse("No.");
    await commit({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push()).toMatchObject({ kind: "refused" });
    await sandbox.git(["clone", "-q", sandbox.remote, "fresh"], sandbox.root);
    const fresh = join(sandbox.root, "fresh");
    await sandbox.git(["fetch", "-q", (await checkout.bundle()) ?? "", ASIDE], fresh);
    expect(await sandbox.git(["log", "-2", "--format=%s", "FETCH_HEAD"], fresh)).toBe("Add b\nAdd a");
  });
});

describe("when the pull request is over while the work goes on", () => {
  it.each(["closed", "merged"] as const)("leaves its branch alone once it is %s", async (pull) => {
    const { sandbox, checkout, commit } = await prepared();
    await using _ = sandbox;
    await commit({ "a.txt": "a\n" }, "Add a");
    expect(await checkout.push("open")).toMatchObject({ kind: "pushed" });
    await commit({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push(pull)).toMatchObject({ kind: "moved", why: pull, branch: ASIDE, base: "main" });
    expect(await sandbox.subjects("feature")).toEqual(["Begin", "Wanted", "Unwanted", "Add a"]);
    expect((await sandbox.subjects(ASIDE)).slice(-2)).toEqual(["Add a", "Add b"]);
    await commit({ "c.txt": "c\n" }, "Add c");
    expect(await checkout.push(pull)).toMatchObject({ kind: "pushed" });
  });

  it("offers after a squash only what the base has not got", async () => {
    const { sandbox, checkout, commit, inOther } = await prepared();
    await using _ = sandbox;
    await commit({ "a.txt": "a\n" }, "Add a");
    await checkout.push("open");
    await inOther("fetch", "-q", "origin", "feature");
    const squashed = await inOther("commit-tree", "FETCH_HEAD^{tree}", "-p", "main", "-m", "Feature (#2)");
    await inOther("push", "-q", "origin", `${squashed}:refs/heads/main`, ":feature");
    await commit({ "b.txt": "b\n" }, "Add b");
    expect(await checkout.push("merged")).toMatchObject({ kind: "moved", why: "merged" });
    expect(await sandbox.subjects(ASIDE)).toEqual(["Begin", "Feature (#2)", "Add b"]);
    expect(await checkout.summary()).toMatchObject({ commits: 1, files: ["b.txt"] });
  });

  it.runIf(IN_FULL)("changes nothing for a task with a branch of its own", async () => {
    const { sandbox, checkout, commit } = await prepared(ON_OWN);
    await using _ = sandbox;
    await commit({ "a.txt": "a\n" }, "Add a");
    expect(await checkout.push("closed")).toMatchObject({ kind: "pushed" });
  });
});

describe("a base that is not there any more", () => {
  it.each([
    { what: "a branch that is still to be made", branch: "dispatch/new-ef56" },
    { what: "a branch that an earlier run has made", branch: ASIDE },
  ])("is told for $what", async ({ branch }) => {
    const { sandbox, checkout, inOther } = await prepared(ON_OWN);
    await using _ = sandbox;
    await sandbox.git(["config", "receive.denyDeleteCurrent", "ignore"], sandbox.remote);
    await inOther("push", "-q", "origin", "main:refs/heads/trunk", ":main");
    const work = { ...ON_OWN, branch };
    await expect(checkout.prepare(work, REF)).rejects.toMatchObject({ code: "base-missing" });
    await checkout.prepare({ ...work, base: "trunk" }, REF);
    expect(await sandbox.asWorker("symbolic-ref", "--short", "HEAD")).toBe(branch);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitOnDisk } from "../../src/playground/github/git-disk.ts";
import { GitInMemory } from "../../src/playground/github/git-memory.ts";
import { writeCommit, writeTree } from "../../src/playground/github/git-objects.ts";
import type { GitStore } from "../../src/playground/github/git-store.ts";
import { editTree, walkTree } from "../../src/playground/github/git-trees.ts";
import type { GitHubEvent } from "../../src/playground/github/local-github.ts";
import { HELLO, type Playground, startPlayground } from "./github-fixture.ts";

const ENV = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
const AUTHOR = ["-c", "user.name=mona", "-c", "user.email=mona@example.com"];

describe("git over HTTP", () => {
  let playground: Playground;
  let clone: string;
  beforeEach(async () => {
    playground = await startPlayground();
    clone = join(playground.folder, "clone");
  });
  afterEach(() => playground.end());

  const remote = (token: string | null) => {
    const url = new URL(`${playground.address.git}/octo-org/hello.git`);
    if (token !== null) [url.username, url.password] = ["x-access-token", token];
    return url.href;
  };
  const git = (...args: string[]) => execa("git", args, { cwd: clone, env: ENV, reject: false });
  const cloneAndCommit = async (token: string | null) => {
    await execa("git", ["clone", "-q", remote(token), clone], { env: ENV });
    await writeFile(join(clone, "new.txt"), "new\n");
    await git("add", ".");
    await git(...AUTHOR, "commit", "-qm", "New file");
  };

  it("clones without credentials, pushes with a token, and tells of it", async () => {
    const events: GitHubEvent[] = [];
    playground.github.onEvent((event) => events.push(event));
    await cloneAndCommit(playground.github.tokenOf("mona"));
    const pushed = await git("push", "origin", "HEAD:refs/heads/topic");
    expect(pushed.exitCode).toBe(0);
    const { stdout: head } = await git("rev-parse", "HEAD");
    const { data } = await playground.as("mona").git.getRef({ ...HELLO, ref: "heads/topic" });
    expect(data.object.sha).toBe(head);
    const push = events.find(({ name }) => name === "push");
    expect(push).toMatchObject({
      actor: { login: "mona" },
      tokenKind: "user",
      payload: { ref: "refs/heads/topic", after: head, created: true },
    });
    expect(push?.payload["commits"]).toMatchObject([{ message: "New file", added: ["new.txt"] }]);
  });

  it("refuses pushes by strangers, by nobody, and by tokens without contents: write", async () => {
    const { github, repository } = playground;
    const account = github.addUser("github-actions[bot]", { type: "Bot" });
    const reader = github.issueToken({ account, kind: "job", repository, permissions: { contents: "read" } });
    await cloneAndCommit(null);
    const attempts = [
      { token: github.tokenOf("stranger"), words: "Permission to octo-org/hello.git denied to stranger." },
      { token: reader, words: "Permission to octo-org/hello.git denied to github-actions[bot]." },
      { token: null, words: "could not read Username" },
      { token: "ghp_wrong", words: "Invalid username or token" },
    ];
    for (const { token, words } of attempts) {
      const { exitCode, stderr } = await git("push", remote(token), "HEAD:refs/heads/x");
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain(words);
    }
    expect(await repository.git.ref("refs/heads/x")).toBeNull();
  });

  it("declines a push that a ruleset forbids, in GitHub's words", async () => {
    playground.repository.settings.rulesets.push({ pattern: "refs/heads/dispatch/**", refuse: ["create"] });
    await cloneAndCommit(playground.github.tokenOf("mona"));
    const { exitCode, stderr } = await git("push", "origin", "HEAD:refs/heads/dispatch/a");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("GH013: Repository rule violations found for refs/heads/dispatch/a.");
    expect(stderr).toContain("push declined due to repository rule violations");
    expect((await git("push", "origin", "HEAD:refs/heads/fine")).exitCode).toBe(0);
  });

  it("takes back commits that break a rule, and workflow files of tokens that may not change any", async () => {
    const { github, repository } = playground;
    const account = github.addUser("github-actions[bot]", { type: "Bot" });
    const token = github.issueToken({ account, kind: "job", repository, permissions: { contents: "write" } });
    const events: GitHubEvent[] = [];
    github.onEvent((event) => events.push(event));
    await cloneAndCommit(token);
    repository.settings.rulesets.push({ pattern: "refs/heads/signed", refuse: ["unsigned"] });
    const unsigned = await git("push", "origin", "HEAD:refs/heads/signed");
    expect(unsigned.stderr).toContain("Commits must have verified signatures.");
    await mkdir(join(clone, ".github/workflows"), { recursive: true });
    await writeFile(join(clone, ".github/workflows/ci.yml"), "on: push\n");
    await git("add", ".");
    await git(...AUTHOR, "commit", "-qm", "CI");
    const workflow = await git("push", "origin", "HEAD:refs/heads/ci");
    expect(workflow.stderr).toContain(
      "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission",
    );
    expect((await repository.git.refs("refs/heads/")).map(({ name }) => name)).toEqual(["refs/heads/main"]);
    expect(events).toEqual([]);
    const allowed = await git("push", remote(github.tokenOf("mona")), "HEAD:refs/heads/ci");
    expect(allowed.exitCode).toBe(0);
  });

  it("refuses a push onto a branch that has moved on", async () => {
    await cloneAndCommit(playground.github.tokenOf("mona"));
    await playground
      .as("hubot")
      .repos.createOrUpdateFileContents({ ...HELLO, path: "b", message: "b", content: "Yg==" });
    const { stderr } = await git("push", "origin", "HEAD:refs/heads/main");
    expect(stderr).toContain("[rejected]");
    await git("fetch", "-q", "origin");
    expect((await git("log", "-1", "--format=%s", "origin/main")).stdout).toBe("b");
  });

  it("makes trees and commits that git itself finds sound", async () => {
    const { git: store } = playground.repository;
    const blob = await store.write("blob", Buffer.from("x"));
    const at = (path: string) => ({ path, mode: "100644" as const, oid: blob });
    const names = ["a/b/c", "a.txt", "a-b", "a0", "z/ü.md", "a/b.d", "lib/x", "lib.x"];
    const tree = await editTree(store, null, names.map(at));
    const smaller = await editTree(store, tree, [{ path: "z/ü.md", mode: "100644", oid: null }]);
    expect((await walkTree(store, smaller)).map(({ path }) => path)).not.toContain("z");
    const who = { name: "mona", email: "mona@example.com", date: "2026-11-01T00:00:00Z" };
    const next = await writeCommit(store, {
      tree: smaller,
      parents: [],
      author: who,
      committer: who,
      message: "ü\n\nbody",
      signed: true,
    });
    await store.moveRef({ name: "refs/heads/odd", next, previous: null });
    const { exitCode, stderr } = await execa("git", ["fsck", "--strict", "--no-dangling"], {
      cwd: store.directory ?? "",
      env: ENV,
      reject: false,
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });
});

const STORES: readonly { kind: string; open: (folder: string) => Promise<GitStore> }[] = [
  { kind: "on disk", open: (folder) => GitOnDisk.open(folder, "main") },
  { kind: "in memory", open: async () => new GitInMemory() },
];

describe.each(STORES)("the store $kind", ({ open }) => {
  let store: GitStore;
  let folder: string;
  let commits: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "git-store-"));
    store = await open(join(folder, "a.git"));
    const tree = await writeTree(store, []);
    const who = { name: "mona", email: "m@example.com", date: "2026-11-01T00:00:00Z" };
    const commit = (message: string) =>
      writeCommit(store, { tree, parents: [], author: who, committer: who, message, signed: false });
    commits = [await commit("0"), await commit("1"), await commit("2")];
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const move = (name: string, next: number | null, previous?: number | null) => {
    const oid = (nth: number | null) => (nth === null ? null : (commits[nth] ?? null));
    return store.moveRef({ name, next: oid(next), ...(previous === undefined ? {} : { previous: oid(previous) }) });
  };

  it("gives back what was written", async () => {
    const data = Buffer.from([0, 10, 255, 10]);
    const oid = await store.write("blob", data);
    expect(await store.object(oid)).toEqual({ oid, type: "blob", data });
    expect(await store.object("0".repeat(40))).toBeNull();
    expect(await store.object("main")).toBeNull();
  });

  it("moves a ref only from where it is", async () => {
    const name = "refs/heads/a";
    expect(await move(name, 1, 0)).toBe(false);
    expect(await move(name, 0, null)).toBe(true);
    expect(await move(name, 1, null)).toBe(false);
    expect(await move(name, 2, 1)).toBe(false);
    expect(await move(name, 1, 0)).toBe(true);
    expect(await store.ref(name)).toBe(commits[1]);
    expect(await move(name, null, 0)).toBe(false);
    expect(await move(name, null, 1)).toBe(true);
    expect(await store.ref(name)).toBeNull();
  });

  it("lets one of many win", async () => {
    await move("refs/heads/a", 0, null);
    const results = await Promise.all(Array.from({ length: 20 }, () => move("refs/heads/a", 1, 0)));
    expect(results.filter((won) => won)).toHaveLength(1);
  });

  it("has no branch beside a folder of the same name", async () => {
    expect(await move("refs/heads/dispatch/tasks/1/a", 0, null)).toBe(true);
    expect(await move("refs/heads/dispatch", 0, null)).toBe(false);
    expect(await move("refs/heads/dispatch/tasks/1/a/b", 0, null)).toBe(false);
  });

  it("lists refs by prefix, in order", async () => {
    for (const name of ["refs/heads/b/2", "refs/heads/b/1", "refs/heads/bc", "refs/tags/b"]) await move(name, 0, null);
    const names = async (prefix: string) => (await store.refs(prefix)).map(({ name }) => name);
    expect(await names("refs/heads/b/")).toEqual(["refs/heads/b/1", "refs/heads/b/2"]);
    expect(await names("refs/heads/b")).toEqual(["refs/heads/b/1", "refs/heads/b/2", "refs/heads/bc"]);
  });

  it.each(["refs/heads/a..b", "refs/heads/a b", "refs/heads/.a", "refs/heads/a.lock", "heads/a", "refs/heads/main~1"])(
    "takes no ref called %s",
    async (name) => {
      expect(await move(name, 0, null)).toBe(false);
      expect(await store.ref(name)).toBeNull();
    },
  );
});

import { describe, expect, it } from "vitest";
import { githubTaskBranches } from "../../src/adapters/github-task-branch.ts";
import { api, graphql, graphqlRefusal, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const ref = { thread: "12", id: "fix-login-7k2q" };
const branch = "dispatch/tasks/12/fix-login-7k2q";
const folder = ".dispatch/tasks/fix-login-7k2q";
const branches = githubTaskBranches(testAccess());

const headPath = (name: string) => `${repo}/git/ref/${encodeURIComponent(`heads/${name}`)}`;
const blob = (text: string | null, more = {}) => ({ __typename: "Blob", oid: "b1", text, isTruncated: false, ...more });

function repositoryWith(entries: object[] | null) {
  const file = ({ path }: { path: string }) =>
    path === folder && entries ? { object: { __typename: "Tree", entries } } : null;
  return {
    repository: {
      ref: ({ qualifiedName }: { qualifiedName: string }) =>
        qualifiedName === `refs/heads/${branch}` ? { target: { __typename: "Commit", oid: "c1", file } } : null,
    },
  };
}

describe("read", () => {
  it("reads every file at the head in one request", async () => {
    const ipc = { __typename: "Tree", entries: [{ name: "001.question", object: blob("Which port?") }] };
    const { asked } = graphql(
      repositoryWith([
        { name: "plan.md", object: blob("# Fix\n") },
        { name: "ipc", object: ipc },
        { name: "empty.md", object: blob("") },
      ]),
    );
    expect(await branches.read(ref)).toEqual({
      ref,
      head: "c1",
      files: { "plan.md": "# Fix\n", "ipc/001.question": "Which port?", "empty.md": "" },
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    { what: "cut short", entry: blob("Long te", { isTruncated: true }) },
    { what: "taken for binary", entry: blob(null) },
  ])("fetches a file that GraphQL has $what", async ({ entry }) => {
    graphql(repositoryWith([{ name: "output.md", object: entry }]));
    api()
      .get(`${repo}/git/blobs/b1`)
      .reply(200, { content: Buffer.from("Long text ü").toString("base64"), encoding: "base64" });
    expect((await branches.read(ref))?.files).toEqual({ "output.md": "Long text ü" });
  });

  it("has nothing to read where there is no branch", async () => {
    graphql({ repository: { ref: () => null } });
    expect(await branches.read(ref)).toBeNull();
  });

  it("reads a branch without the task's folder as empty", async () => {
    graphql(repositoryWith(null));
    expect(await branches.read(ref)).toEqual({ ref, head: "c1", files: {} });
  });
});

describe("create", () => {
  const files = { "task.yaml": "version: 1\n", "plan.md": "# Fix\n" };

  function commitMade() {
    const tree = [
      { path: `${folder}/task.yaml`, mode: "100644", type: "blob", content: "version: 1\n" },
      { path: `${folder}/plan.md`, mode: "100644", type: "blob", content: "# Fix\n" },
    ];
    api().post(`${repo}/git/trees`, { tree }).reply(201, { sha: "t1" });
    api()
      .post(`${repo}/git/commits`, { message: "Accept the task [skip ci]", tree: "t1", parents: [] })
      .reply(201, { sha: "c1" });
  }

  function refAsked() {
    return api().post(`${repo}/git/refs`, { ref: `refs/heads/${branch}`, sha: "c1" });
  }

  function present(name: string, sha: string | null) {
    const scope = api().get(headPath(name));
    if (sha === null) scope.reply(404, { message: "Not Found" });
    else scope.reply(200, { ref: `refs/heads/${name}`, object: { sha } });
  }

  const create = () => branches.create(ref, files, "Accept the task");

  it("publishes all files in one commit without parents", async () => {
    commitMade();
    refAsked().reply(201, { object: { sha: "c1" } });
    expect(await create()).toBe("created");
  });

  it.each([422, 409])("finds the task that is there already (%i)", async (status) => {
    commitMade();
    refAsked().reply(status, { message: "Reference already exists" });
    present(branch, "somebody-else");
    expect(await create()).toBe("exists");
  });

  it("leaves a task to whoever was first, even with the very same commit", async () => {
    commitMade();
    refAsked().reply(422, { message: "Reference already exists" });
    present(branch, "c1");
    expect(await create()).toBe("exists");
  });

  it("knows its own branch again after a lost reply", async () => {
    commitMade();
    refAsked().replyWithError("socket hang up");
    refAsked().reply(422, { message: "Reference already exists" });
    present(branch, "c1");
    expect(await create()).toBe("created");
  });

  it("waits for a commit that has not reached every server", async () => {
    commitMade();
    refAsked().reply(422, { message: "Object does not exist" });
    refAsked().reply(201, { object: { sha: "c1" } });
    expect(await create()).toBe("created");
  });

  it("repeats a tree and a commit whose replies were lost", async () => {
    api().post(`${repo}/git/trees`).replyWithError("socket hang up");
    api().post(`${repo}/git/trees`).reply(201, { sha: "t1" });
    api().post(`${repo}/git/commits`).reply(502, "");
    api().post(`${repo}/git/commits`).reply(201, { sha: "c1" });
    refAsked().reply(201, { object: { sha: "c1" } });
    expect(await create()).toBe("created");
  });

  it.each([
    { words: "Reference update failed", inTheWay: "dispatch", nextStep: "Rename or delete the branch `dispatch`" },
    { words: "Reference update failed", inTheWay: "dispatch/tasks/12", nextStep: "the branch `dispatch/tasks/12`" },
    {
      words: "Repository rule violations found\n\nCannot create ref due to creations being restricted.",
      inTheWay: null,
      nextStep: "Exclude `dispatch/**`",
    },
  ])("says what GitHub refuses and what to do: $nextStep", async ({ words, inTheWay, nextStep }) => {
    commitMade();
    refAsked().reply(422, { message: words });
    present(branch, null);
    for (const name of ["dispatch", "dispatch/tasks", "dispatch/tasks/12"])
      present(name, name === inTheWay ? "x" : null);
    await expect(create()).rejects.toMatchObject({
      code: "task-branch-refused",
      message: expect.stringContaining(words),
      nextStep: expect.stringContaining(nextStep),
    });
  });

  it.each([
    { status: 409, words: "Git Repository is empty.", nextStep: "Make a first commit" },
    { status: 403, words: "Resource not accessible by integration", nextStep: "contents: write" },
    { status: 403, words: "Repository was archived so is read-only.", nextStep: "Unarchive" },
  ])("says so when it cannot even begin: $words", async ({ status, words, nextStep }) => {
    api().post(`${repo}/git/trees`).reply(status, { message: words });
    await expect(create()).rejects.toMatchObject({
      code: "task-branch-refused",
      message: expect.stringContaining(words),
      nextStep: expect.stringContaining(nextStep),
    });
  });

  it.each(["../x", "a/../b", "/a", "", "a//b", ".git/config", "a\\b"])("refuses to write %j", async (path) => {
    await expect(branches.create(ref, { [path]: "" }, "x")).rejects.toThrow("Not a path");
  });
});

describe("commit", () => {
  const change = {
    files: { "plan.md": "- [x] ü\n", "ipc/001.answer": null },
    message: "Tick an item\n\nAll of it.",
  };

  it("adds, changes and removes files against the expected head", async () => {
    let input: unknown;
    graphql({
      createCommitOnBranch: (args: { input: unknown }) => {
        input = args.input;
        return { commit: { oid: "c2" } };
      },
    });
    expect(await branches.commit(ref, "c1", change)).toEqual({ head: "c2" });
    expect(input).toEqual({
      branch: { repositoryNameWithOwner: "octo-org/hello", branchName: branch },
      message: { headline: "Tick an item [skip ci]", body: "All of it." },
      expectedHeadOid: "c1",
      fileChanges: {
        additions: [{ path: `${folder}/plan.md`, contents: Buffer.from("- [x] ü\n").toString("base64") }],
        deletions: [{ path: `${folder}/ipc/001.answer` }],
      },
    });
  });

  const STALE = 'Expected branch to point to "c1" but it did not.  Pull and try again.';

  it("is stale when the head has moved", async () => {
    graphqlRefusal("STALE_DATA", STALE);
    expect(await branches.commit(ref, "c1", change)).toBe("stale");
  });

  it("is stale after a lost reply, since the first try may have moved the head", async () => {
    api().post("/graphql").replyWithError("socket hang up");
    graphqlRefusal("STALE_DATA", STALE);
    expect(await branches.commit(ref, "c1", change)).toBe("stale");
  });

  it("says that the branch is gone", async () => {
    graphqlRefusal("NOT_FOUND", "No ref found.");
    api().get(headPath(branch)).reply(404, { message: "Not Found" });
    expect(await branches.commit(ref, "c1", change)).toBe("gone");
  });

  it("lets another refusal rise", async () => {
    graphqlRefusal("FORBIDDEN", "Resource not accessible by integration");
    await expect(branches.commit(ref, "c1", change)).rejects.toThrow("not accessible");
  });
});

describe("one file at a commit", () => {
  const COMMIT = "c0ffee".padEnd(40, "0");
  const object = (at: Record<string, object>) => ({
    repository: { object: ({ expression }: { expression: string }) => at[expression] ?? null },
  });

  it("is read as it stood there", async () => {
    graphql(object({ [`${COMMIT}:${folder}/plan.md`]: blob("# Then\n") }));
    expect(await branches.fileAt(ref, COMMIT, "plan.md")).toBe("# Then\n");
  });

  it("is fetched where GraphQL has cut it short", async () => {
    graphql(object({ [`${COMMIT}:${folder}/plan.md`]: blob("# Th", { isTruncated: true }) }));
    const content = Buffer.from("# Then ü\n").toString("base64");
    api().get(`${repo}/git/blobs/b1`).reply(200, { content, encoding: "base64" });
    expect(await branches.fileAt(ref, COMMIT, "plan.md")).toBe("# Then ü\n");
  });

  it.each([
    { what: "no such commit or file", at: {} },
    { what: "a folder", at: { [`${COMMIT}:${folder}/ipc`]: { __typename: "Tree", entries: [] } } },
  ])("is null where there is $what", async ({ at }) => {
    graphql(object(at));
    expect(await branches.fileAt(ref, COMMIT, "ipc")).toBeNull();
  });

  it.each(["", "main", "HEAD", "c1", `${COMMIT}~1`, "C0FFEE".padEnd(40, "0"), `${COMMIT}:x\n`])(
    "is not asked for under a name that is no commit: %j",
    async (name) => {
      expect(await branches.fileAt(ref, name, "plan.md")).toBeNull();
    },
  );

  it.each(["../x", "/a", "", ".git/config"])("is not looked for at %j", async (path) => {
    await expect(branches.fileAt(ref, COMMIT, path)).rejects.toThrow("Not a path");
  });
});

describe("remove", () => {
  const refPath = `${repo}/git/refs/${encodeURIComponent(`heads/${branch}`)}`;

  it("deletes the branch", async () => {
    api().delete(refPath).reply(204);
    await branches.remove(ref);
  });

  it.each([404, 422])("is content where it is gone (%i)", async (status) => {
    api().delete(refPath).reply(status, { message: "Reference does not exist" });
    await branches.remove(ref);
  });

  it("tries again after trouble, and lets a refusal rise", async () => {
    api().delete(refPath).reply(502, "");
    api().delete(refPath).reply(204);
    await branches.remove(ref);
    api().delete(refPath).reply(403, { message: "Resource not accessible by integration" });
    await expect(branches.remove(ref)).rejects.toMatchObject({ status: 403 });
  });
});

describe("head", () => {
  const at = (sha: string) => ({ ref: `refs/heads/${branch}`, object: { sha } });

  it("asks with the ETag it got last, and says when nothing has moved", async () => {
    const polling = githubTaskBranches(testAccess());
    api().get(headPath(branch)).reply(200, at("c1"), { etag: '"one"' });
    api().get(headPath(branch)).matchHeader("if-none-match", '"one"').reply(304);
    api().get(headPath(branch)).matchHeader("if-none-match", '"one"').reply(304);
    api().get(headPath(branch)).matchHeader("if-none-match", '"one"').reply(200, at("c2"), { etag: '"two"' });
    api().get(headPath(branch)).matchHeader("if-none-match", '"two"').reply(404, { message: "Not Found" });

    expect(await polling.head(ref, "c1")).toBe("same");
    expect(await polling.head(ref, "c1")).toBe("same");
    // The caller may know less than we have seen.
    expect(await polling.head(ref, "c0")).toEqual({ head: "c1" });
    expect(await polling.head(ref, "c1")).toEqual({ head: "c2" });
    expect(await polling.head(ref, "c2")).toBe("gone");
  });
});

it("refuses a name that is no task's", async () => {
  expect(() => branches.read({ thread: "..", id: "x" })).toThrow("Not the name of a task");
});

import { describe, expect, it } from "vitest";
import { githubTaskIndex } from "../../src/adapters/github-task-index.ts";
import { graphql, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const index = githubTaskIndex(testAccess());
const blob = (text: string) => ({ __typename: "Blob", oid: "b", text, isTruncated: false });
const tree = (files: Record<string, object>) => ({
  __typename: "Tree",
  entries: Object.entries(files).map(([name, object]) => ({ name, object })),
});

const MOVED = "2026-11-20T12:30:00Z";

function branch(prefix: string, name: string, files: Record<string, object>) {
  const id = name.split("/").at(-1) ?? name;
  const file = ({ path }: { path: string }) =>
    path === ".dispatch/tasks" ? { object: tree({ [id]: tree(files) }) } : null;
  return { prefix, name, target: { __typename: "Commit", oid: `head-of-${id}`, committedDate: MOVED, file } };
}

type Page = { refPrefix: string; after: string | null };

function refs(pages: readonly object[][]) {
  return {
    repository: {
      refs: ({ after }: Page) => {
        const page = Number(after ?? 0);
        const last = page + 1 >= pages.length;
        return {
          nodes: pages[page] ?? [],
          pageInfo: { hasNextPage: !last, endCursor: last ? null : String(page + 1) },
        };
      },
    },
  };
}

describe("the tasks of a thread", () => {
  const prefix = "refs/heads/dispatch/tasks/12/";
  const asked = (at: string) => ({ "task.yaml": blob(`askedAt: ${at}\n`) });

  it("come oldest first, with their files and the time of their last move, page after page", async () => {
    const newer = branch(prefix, "a-newer-1111", asked("2026-11-20T12:00:00Z"));
    const older = branch(prefix, "b-older-2222", {
      ...asked("2026-11-20T11:00:00Z"),
      ipc: tree({ "001.question": blob("Which port?") }),
    });
    const pages = refs([[newer], [older]]);
    const first = graphql(pages);
    const second = graphql(pages);

    expect(await index.ofThread("12")).toEqual([
      {
        ref: { thread: "12", id: "b-older-2222" },
        head: "head-of-b-older-2222",
        movedAt: MOVED,
        files: { "task.yaml": "askedAt: 2026-11-20T11:00:00Z\n", "ipc/001.question": "Which port?" },
      },
      {
        ref: { thread: "12", id: "a-newer-1111" },
        head: "head-of-a-newer-1111",
        movedAt: MOVED,
        files: { "task.yaml": "askedAt: 2026-11-20T12:00:00Z\n" },
      },
    ]);
    expect(first.asked[0]?.variables).toMatchObject({ prefix0: prefix, after0: null });
    expect(second.asked[0]?.variables).toMatchObject({ prefix0: prefix, after0: "1" });
  });

  it("of two come in one request, and more pages only of the one that has them", async () => {
    const other = "refs/heads/dispatch/tasks/run/";
    const pagesOf: Record<string, readonly object[][]> = {
      [prefix]: [[branch(prefix, "b-1111", asked("2026-11-20T11:00:00Z"))]],
      [other]: [
        [branch(other, "c-2222", asked("2026-11-20T12:00:00Z"))],
        [branch(other, "a-3333", asked("2026-11-20T10:00:00Z"))],
      ],
    };
    const both = {
      repository: { refs: (page: Page) => refs(pagesOf[page.refPrefix] ?? [[]]).repository.refs(page) },
    };
    const requests = [graphql(both), graphql(both)];
    expect((await index.ofThread("12", "run")).map(({ ref }) => ref.id)).toEqual(["a-3333", "b-1111", "c-2222"]);
    expect(requests.map(({ asked: [one] }) => one?.variables)).toMatchObject([
      { prefix0: prefix, after0: null, prefix1: other, after1: null },
      { prefix0: other, after0: "1" },
    ]);
    expect(requests[1]?.asked[0]?.variables).not.toHaveProperty("prefix1");
  });

  it("are none where there is no branch", async () => {
    graphql(refs([[]]));
    expect(await index.ofThread("12")).toEqual([]);
  });

  it("include a task whose record is damaged, and leave out a branch that is no task's", async () => {
    graphql(refs([[branch(prefix, "x-1111", { "task.yaml": blob("askedAt: [") }), branch(prefix, "UPPER", {})]]));
    expect((await index.ofThread("12")).map(({ ref }) => ref.id)).toEqual(["x-1111"]);
  });

  it("are not looked for under a name that is no thread's", async () => {
    await expect(index.ofThread("../x")).rejects.toThrow("Not a thread");
  });
});

describe("find", () => {
  const prefix = "refs/heads/dispatch/tasks/";
  const names = ["12/fix-login-7k2q", "12/fix-logout-9abc", "run/nightly-0000", "13/fix", "14/fix-it-1111"];

  it.each([
    { id: "fix-login-7k2q", found: { thread: "12", id: "fix-login-7k2q" } },
    { id: "fix-logi", found: { thread: "12", id: "fix-login-7k2q" } },
    { id: "nightly", found: { thread: "run", id: "nightly-0000" } },
    { id: "fix", found: { thread: "13", id: "fix" } },
    { id: "fix-log", found: null },
    { id: "login", found: null },
  ])("finds for $id: $found", async ({ id, found }) => {
    graphql(refs([names.map((name) => ({ prefix, name }))]));
    expect(await index.find(id)).toEqual(found);
  });

  it.each(["", "../12", "a b", "-x"])("does not even look for %j", async (id) => {
    expect(await index.find(id)).toBeNull();
  });
});

import { parse } from "yaml";
import { z } from "zod";
import { parseTaskRef, type TaskRef } from "../core/task.ts";
import type { Snapshot, TaskIndex } from "../flows/ports.ts";
import { checkedAccess, type GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";
import { filesIn, TASK_FOLDER_FRAGMENTS, TaskFolderTree } from "./github-task-files.ts";

// Which folder is the task's differs from branch to branch, so this asks for the one above; a branch holds no other task.
const WHOLE = `
fragment Node on Ref {
  name
  prefix
  target { oid ... on Commit { committedDate file(path: ".dispatch/tasks") { object { ... on Tree {
    entries { name object { __typename ... on Tree { ...TaskFolder } } }
  } } } } }
}
${TASK_FOLDER_FRAGMENTS}`;

const NAMES = "fragment Node on Ref { name prefix }";

const Name = z.object({ name: z.string(), prefix: z.string() });
type Name = z.infer<typeof Name>;

const Folders = z.object({
  entries: z.array(z.object({ name: z.string(), object: TaskFolderTree.partial().nullable() })).nullish(),
});
const Branch = Name.extend({
  target: z.object({
    oid: z.string(),
    committedDate: z.string().nullish(),
    file: z.object({ object: Folders.nullable() }).nullish(),
  }),
});
type Branch = z.infer<typeof Branch>;

const Page = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  nodes: z.array(z.unknown()).nullable(),
});
const Pages = z.object({ repository: z.record(z.string(), Page.nullable()) });

/** The tasks of a repository, found by the names of their branches. */
export function githubTaskIndex(given: GitHubAccess): TaskIndex {
  const access = checkedAccess(given);
  return {
    async ofThread(...threads) {
      for (const thread of threads) {
        if (parseTaskRef(`${thread}/id`) === null) throw new Error(`Not a thread: ${JSON.stringify(thread)}`);
      }
      return tasksBelow(
        threads.map((thread) => `refs/heads/dispatch/tasks/${thread}/`),
        access,
      );
    },
    all: () => tasksBelow(["refs/heads/dispatch/tasks/"], access),
    async find(id) {
      if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) return null;
      const nodes = await allRefs("TaskNames", NAMES, ["refs/heads/dispatch/tasks/"], access);
      const refs = nodes.map((node) => taskRefOf(Name.parse(node))).filter((ref) => ref !== null);
      return theOne(refs.filter((ref) => ref.id === id)) ?? theOne(refs.filter((ref) => ref.id.startsWith(id)));
    },
  };
}

async function tasksBelow(prefixes: readonly string[], access: GitHubAccess): Promise<readonly Snapshot[]> {
  const nodes = await allRefs("TasksOfThread", WHOLE, prefixes, access);
  const snapshots = await Promise.all(nodes.map((node) => snapshot(Branch.parse(node), access)));
  return snapshots.filter((each) => each !== null).toSorted(olderFirst);
}

/** Every ref below any of the prefixes: one request, and one more for as long as there are pages. */
async function allRefs(
  name: string,
  fragment: string,
  prefixes: readonly string[],
  access: GitHubAccess,
): Promise<readonly unknown[]> {
  const { api, owner, repo } = access;
  const nodes: unknown[] = [];
  let wanted = prefixes.map((prefix) => ({ prefix, after: null as string | null }));
  while (wanted.length > 0) {
    const query = queryOf(name, fragment, wanted.length);
    const places = wanted.flatMap(({ prefix, after }, at) => [
      [`prefix${at}`, prefix],
      [`after${at}`, after],
    ]);
    const variables: Record<string, unknown> = { owner, repo, ...Object.fromEntries(places) };
    const reply = await call((once) => api.graphql<unknown>(query, { ...variables, ...once }), access);
    const { repository } = Pages.parse(reply);
    wanted = wanted.flatMap(({ prefix }, at) => {
      const page = repository[`refs${at}`];
      nodes.push(...(page?.nodes ?? []));
      const after = page?.pageInfo.hasNextPage === true ? (page.pageInfo.endCursor ?? null) : null;
      return after === null ? [] : [{ prefix, after }];
    });
  }
  return nodes;
}

function queryOf(name: string, fragment: string, count: number): string {
  const places = Array.from({ length: count }, (_, at) => at);
  const variables = places.map((at) => `, $prefix${at}: String!, $after${at}: String`).join("");
  const refs = places.map(
    (at) => `refs${at}: refs(refPrefix: $prefix${at}, first: 100, after: $after${at}) { ...Page }`,
  );
  return `
query ${name}($owner: String!, $repo: String!${variables}) {
  repository(owner: $owner, name: $repo) { ${refs.join(" ")} }
}
fragment Page on RefConnection { pageInfo { hasNextPage endCursor } nodes { ...Node } }
${fragment}`;
}

async function snapshot(branch: Branch, access: GitHubAccess): Promise<Snapshot | null> {
  const ref = taskRefOf(branch);
  if (ref === null) return null;
  const folder = branch.target.file?.object?.entries?.find(({ name }) => name === ref.id)?.object;
  const { oid: head, committedDate: movedAt } = branch.target;
  const files = await filesIn({ entries: folder?.entries ?? null }, access);
  return { ref, head, files, ...(movedAt ? { movedAt } : {}) };
}

/** The name is relative to the prefix that was asked for; together they are the whole of it, however GitHub splits them. */
function taskRefOf({ name, prefix }: Name): TaskRef | null {
  const whole = name.startsWith(prefix) ? name : `${prefix}${name}`;
  return parseTaskRef(whole.replace(/^refs\/heads\//, ""));
}

function theOne<T>(found: readonly T[]): T | null {
  return found.length === 1 ? (found[0] ?? null) : null;
}

function olderFirst(a: Snapshot, b: Snapshot): number {
  return askedAt(a).localeCompare(askedAt(b)) || a.ref.id.localeCompare(b.ref.id);
}

/** Empty where the record is damaged: such a task comes first and keeps its place. */
function askedAt({ files }: Snapshot): string {
  try {
    return z.object({ askedAt: z.string() }).parse(parse(files["task.yaml"] ?? "")).askedAt;
  } catch {
    return "";
  }
}

import { z } from "zod";
import type { TaskFiles } from "../core/task.ts";
import type { GitHubAccess } from "./github-api.ts";
import { call } from "./github-call.ts";

export const FILE_TEXT = "fragment FileText on Blob { oid text isTruncated }";

/** A task's folder as GraphQL shows it: its files, and one level of folders below it (`ipc/`). */
export const TASK_FOLDER_FRAGMENTS = `
fragment TaskFolder on Tree {
  entries { name object { __typename ...FileText ... on Tree { entries { name object { __typename ...FileText } } } } }
}
${FILE_TEXT}`;

export const Blob = z.object({
  __typename: z.literal("Blob"),
  oid: z.string(),
  /** Null when GitHub takes the file for binary. */
  text: z.string().nullable(),
  isTruncated: z.boolean(),
});
const Submodule = z.object({ __typename: z.enum(["Commit", "Tag"]) });
const DeeperFolder = z.object({ __typename: z.literal("Tree") });
const InFolder = z.discriminatedUnion("__typename", [Blob, DeeperFolder, Submodule]);
const Folder = z.object({
  __typename: z.literal("Tree"),
  entries: z.array(z.object({ name: z.string(), object: InFolder.nullable() })).nullable(),
});
const InTaskFolder = z.discriminatedUnion("__typename", [Blob, Folder, Submodule]);

export const TaskFolderTree = z.object({
  entries: z.array(z.object({ name: z.string(), object: InTaskFolder.nullable() })).nullable(),
});
export type TaskFolderTree = z.infer<typeof TaskFolderTree>;

/** The folder's files with their whole text: what GraphQL cuts short or will not show is fetched. */
export async function filesIn(tree: TaskFolderTree, access: GitHubAccess): Promise<TaskFiles> {
  const files = blobsIn(tree).map(async ([path, blob]) => [path, await textOf(blob, access)] as const);
  return Object.fromEntries(await Promise.all(files));
}

export type Blob = z.infer<typeof Blob>;
type Entry = { readonly name: string; readonly object: z.infer<typeof InTaskFolder> | z.infer<typeof InFolder> | null };

function blobsIn(
  { entries }: { readonly entries: readonly Entry[] | null },
  folder = "",
): readonly (readonly [string, Blob])[] {
  return (entries ?? []).flatMap(({ name, object }) => {
    if (object?.__typename === "Blob") return [[`${folder}${name}`, object] as const];
    if (object?.__typename === "Tree" && "entries" in object) return blobsIn(object, `${folder}${name}/`);
    return [];
  });
}

/** The whole text: what GraphQL cuts short or takes for binary is fetched, and read as UTF-8 come what may. */
export async function textOf(blob: Blob, access: GitHubAccess): Promise<string> {
  if (blob.text !== null && !blob.isTruncated) return blob.text;
  const { api, owner, repo } = access;
  const { data } = await call(
    (once) =>
      api.request("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", { owner, repo, file_sha: blob.oid, ...once }),
    access,
  );
  return Buffer.from(data.content, "base64").toString("utf8");
}

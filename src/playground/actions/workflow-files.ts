import { readCommit, readTree } from "../github/git-objects.ts";
import type { GitStore } from "../github/git-store.ts";
import { entryAt } from "../github/git-trees.ts";

export interface WorkflowFile {
  readonly path: string;
  readonly text: string;
}

const FOLDER = ".github/workflows";

/** The workflow files as they stand at a commit. */
export async function workflowFiles(git: GitStore, oid: string): Promise<readonly WorkflowFile[]> {
  const commit = await readCommit(git, oid);
  const folder = commit === null ? null : await entryAt(git, commit.tree, FOLDER);
  const entries = folder === null ? [] : ((await readTree(git, folder.oid)) ?? []);
  const files = entries.filter(({ name }) => /\.ya?ml$/.test(name));
  return Promise.all(
    files.map(async ({ name, oid: blob }) => ({
      path: `${FOLDER}/${name}`,
      text: (await git.object(blob))?.data.toString("utf8") ?? "",
    })),
  );
}

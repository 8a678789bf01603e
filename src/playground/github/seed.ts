import { copyObjects } from "./git-history.ts";
import { writeCommit } from "./git-objects.ts";
import { editTree, type TreeChange } from "./git-trees.ts";
import type { Repository, RepositorySettings, Role } from "./repository.ts";
import { signer } from "./signers.ts";
import type { World } from "./world.ts";

export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  /** The first commit's files by path; without any the repository stays empty. */
  readonly files?: Readonly<Record<string, string>>;
  readonly collaborators?: Readonly<Record<string, Role>>;
  readonly settings?: Partial<RepositorySettings>;
  readonly private?: boolean;
  /** Starts with the branches of this one instead. */
  readonly forkOf?: Repository;
}

export async function seedRepository(world: World, spec: NewRepository): Promise<Repository> {
  if (world.find(spec.owner, spec.name) !== undefined) throw new Error(`${spec.owner}/${spec.name} exists already.`);
  const { name, private: hidden = false, forkOf: fork = null } = spec;
  const owner = world.accounts.add(spec.owner);
  const repository = await world.openRepository({ owner, name, private: hidden, fork }, spec.settings ?? {});
  for (const [login, role] of Object.entries(spec.collaborators ?? {})) {
    world.accounts.add(login);
    repository.collaborators.set(login.toLowerCase(), role);
  }
  if (fork !== null) await copyBranches(fork, repository);
  else if (spec.files !== undefined) await commitFirst(world, repository, spec.files);
  return repository;
}

async function copyBranches(from: Repository, to: Repository): Promise<void> {
  for (const { name, oid } of await from.git.refs("refs/heads/")) {
    await copyObjects(from.git, to.git, oid);
    await to.git.moveRef({ name, next: oid, previous: null });
  }
}

async function commitFirst(
  world: World,
  repository: Repository,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { git } = repository;
  const changes = await Promise.all(
    Object.entries(files).map(async ([path, text]): Promise<TreeChange> => {
      const mode = text.startsWith("#!") ? "100755" : "100644";
      return { path, mode, oid: await git.write("blob", Buffer.from(text)) };
    }),
  );
  const author = signer(repository.owner, world.stamp());
  const tree = await editTree(git, null, changes);
  const commit = { tree, parents: [], author, committer: author, message: "Initial commit", signed: false };
  const next = await writeCommit(git, commit);
  await git.moveRef({ name: `refs/heads/${repository.defaultBranch}`, next, previous: null });
}

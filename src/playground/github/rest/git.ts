import { z } from "zod";
import { type Api, type ApiContext, actorOf } from "../api.ts";
import { ApiError, invalid, notFound } from "../errors.ts";
import { isRefName } from "../git-disk.ts";
import { isAncestor } from "../git-history.ts";
import { type FileMode, parseTree, readCommit, readTree, type Signer, writeCommit } from "../git-objects.ts";
import { resolveCommit } from "../git-revisions.ts";
import { editTree, type PathEntry, type TreeChange, walkTree } from "../git-trees.ts";
import { gitCommitJson, refJson, treeEntryJson } from "../json/git.ts";
import { repositoryUrl } from "../json/repositories.ts";
import { moveRef } from "../refs.ts";
import type { Repository } from "../repository.ts";
import { needWrite } from "../rights.ts";
import { botSigner, signer } from "../signers.ts";
import type { World } from "../world.ts";
import { paginate, readBody, repositoryOf } from "./request.ts";

const Sha = z.string().regex(/^[0-9a-f]{40}$/, "is not a valid SHA");

/** @throws ApiError 409 as GitHub answers everything about git in a repository without commits. */
export async function needCommits(repository: Repository): Promise<void> {
  if ((await repository.git.refs("refs/heads/")).length === 0) throw new ApiError(409, "Git Repository is empty.");
}

function writable(world: World, c: ApiContext): Repository {
  const repository = repositoryOf(world, c);
  needWrite(c.get("caller"), repository, "contents");
  return repository;
}

export function refRoutes({ app, world }: Api): void {
  const show = async (repository: Repository, ref: { name: string; oid: string }) =>
    refJson(world, repository, ref, (await repository.git.object(ref.oid))?.type);

  app.get("/repos/:owner/:repo/git/ref/:ref{.+}", async (c) => {
    const repository = repositoryOf(world, c);
    const name = `refs/${c.req.param("ref")}`;
    const oid = await repository.git.ref(name);
    if (oid !== null) return c.json(await show(repository, { name, oid }));
    await needCommits(repository);
    throw notFound();
  });

  app.get("/repos/:owner/:repo/git/matching-refs/:ref{.*}", async (c) => {
    const repository = repositoryOf(world, c);
    const refs = await repository.git.refs(`refs/${c.req.param("ref")}`);
    if (refs.length === 0) await needCommits(repository);
    return c.json(await Promise.all(paginate(world, c, refs).map((ref) => show(repository, ref))));
  });

  app.post("/repos/:owner/:repo/git/refs", async (c) => {
    const repository = writable(world, c);
    const { ref: name, sha: after } = await readBody(c, z.object({ ref: z.string(), sha: Sha }));
    await needCommits(repository);
    if (!isRefName(name) || name.split("/").length < 3) throw invalid(`${name} is not a valid ref name.`);
    if ((await repository.git.object(after)) === null) throw invalid("Object does not exist");
    if ((await repository.git.ref(name)) !== null) throw invalid("Reference already exists");
    const moved = await moveRef(world, actorOf(c), { repository, name, before: null, after });
    if (moved === "moved") return c.json(await show(repository, { name, oid: after }), 201);
    throw invalid((await repository.git.ref(name)) === null ? "Reference update failed" : "Reference already exists");
  });

  app.patch("/repos/:owner/:repo/git/refs/:ref{.+}", async (c) => {
    const repository = writable(world, c);
    const { sha: after, force } = await readBody(c, z.object({ sha: Sha, force: z.boolean().default(false) }));
    const name = `refs/${c.req.param("ref")}`;
    const before = await repository.git.ref(name);
    if (before === null) throw invalid("Reference does not exist");
    if ((await repository.git.object(after)) === null) throw invalid("Object does not exist");
    if (!force && !(await isAncestor(repository.git, before, after))) throw invalid("Update is not a fast forward");
    const moved = await moveRef(world, actorOf(c), { repository, name, before, after });
    if (moved === "stale") throw invalid(force ? "Reference cannot be updated" : "Update is not a fast forward");
    return c.json(await show(repository, { name, oid: after }));
  });

  app.delete("/repos/:owner/:repo/git/refs/:ref{.+}", async (c) => {
    const repository = writable(world, c);
    const name = `refs/${c.req.param("ref")}`;
    const before = await repository.git.ref(name);
    if (before === null) throw invalid("Reference does not exist");
    await moveRef(world, actorOf(c), { repository, name, before, after: null });
    return c.body(null, 204);
  });
}

const Person = z.object({ name: z.string(), email: z.string(), date: z.iso.datetime({ offset: true }).optional() });
const NewCommit = z.object({
  message: z.string(),
  tree: Sha,
  parents: z.array(Sha).default([]),
  author: Person.optional(),
  committer: Person.optional(),
});
const NewTree = z.object({
  base_tree: z.string().optional(),
  tree: z.array(
    z.object({
      path: z.string().min(1),
      mode: z.enum(["100644", "100755", "040000", "160000", "120000"]),
      type: z.enum(["blob", "tree", "commit"]).optional(),
      sha: Sha.nullish(),
      content: z.string().optional(),
    }),
  ),
});

export function objectRoutes({ app, world }: Api): void {
  app.post("/repos/:owner/:repo/git/commits", async (c) => {
    const repository = writable(world, c);
    await needCommits(repository);
    const spec = await readBody(c, NewCommit);
    if ((await readTree(repository.git, spec.tree)) === null) throw invalid("Tree SHA does not exist");
    for (const parent of spec.parents) {
      if ((await readCommit(repository.git, parent)) === null)
        throw invalid("Parent SHA does not exist or is not a commit object");
    }
    const at = world.stamp();
    const actor = actorOf(c);
    const stamped = (person: z.infer<typeof Person>): Signer => ({ ...person, date: person.date ?? at });
    const author = spec.author === undefined ? signer(actor.account, at) : stamped(spec.author);
    // GitHub signs what an App commits in nobody's name.
    const signed = actor.tokenKind !== "user" && spec.author === undefined && spec.committer === undefined;
    const committer = spec.committer === undefined ? (signed ? botSigner(at) : author) : stamped(spec.committer);
    const { tree, parents, message } = spec;
    const oid = await writeCommit(repository.git, { tree, parents, author, committer, message, signed });
    return c.json(gitCommitJson(world, repository, { oid, tree, parents, author, committer, message, signed }), 201);
  });

  app.get("/repos/:owner/:repo/git/commits/:sha", async (c) => {
    const repository = repositoryOf(world, c);
    const commit = await readCommit(repository.git, c.req.param("sha"));
    if (commit === null) throw notFound();
    return c.json(gitCommitJson(world, repository, commit));
  });

  app.post("/repos/:owner/:repo/git/trees", async (c) => {
    const repository = writable(world, c);
    await needCommits(repository);
    const { tree, base_tree: base } = await readBody(c, NewTree);
    const baseTree = base === undefined ? null : await treeNamed(repository, base);
    if (base !== undefined && baseTree === null) throw invalid("base_tree is not a valid tree oid");
    const changes = await Promise.all(tree.map((entry) => asChange(repository, entry)));
    const oid = await editTree(repository.git, baseTree, changes);
    return c.json(await treeJson(world, repository, oid, false), 201);
  });

  app.get("/repos/:owner/:repo/git/trees/:sha{.+}", async (c) => {
    const repository = repositoryOf(world, c);
    await needCommits(repository);
    const oid = await treeNamed(repository, c.req.param("sha"));
    if (oid === null) throw notFound();
    return c.json(await treeJson(world, repository, oid, c.req.query("recursive") !== undefined));
  });

  app.post("/repos/:owner/:repo/git/blobs", async (c) => {
    const repository = writable(world, c);
    await needCommits(repository);
    const shape = z.object({ content: z.string(), encoding: z.enum(["utf-8", "base64"]).default("utf-8") });
    const { content, encoding } = await readBody(c, shape);
    const sha = await repository.git.write("blob", Buffer.from(content, encoding === "base64" ? "base64" : "utf8"));
    return c.json({ sha, url: `${repositoryUrl(world, repository)}/git/blobs/${sha}` }, 201);
  });

  app.get("/repos/:owner/:repo/git/blobs/:sha", async (c) => {
    const repository = repositoryOf(world, c);
    const sha = c.req.param("sha");
    const object = await repository.git.object(sha);
    if (object?.type !== "blob") throw notFound();
    if (/vnd\.github(\.v3)?\.raw/.test(c.req.header("accept") ?? "")) {
      return c.body(new Uint8Array(object.data), 200, { "content-type": "application/vnd.github.raw; charset=utf-8" });
    }
    const url = `${repositoryUrl(world, repository)}/git/blobs/${sha}`;
    const content = object.data.toString("base64").replaceAll(/(.{60})/g, "$1\n");
    return c.json({ sha, node_id: `B_${sha}`, size: object.data.length, url, content, encoding: "base64" });
  });
}

async function treeNamed(repository: Repository, name: string): Promise<string | null> {
  if ((await readTree(repository.git, name)) !== null) return name;
  const commit = await resolveCommit(repository, name);
  return commit?.tree ?? null;
}

async function asChange(repository: Repository, entry: z.infer<typeof NewTree>["tree"][number]): Promise<TreeChange> {
  const { path, mode, sha, content } = entry;
  if (/(^|\/)(\.{0,2}|\.git)(\/|$)/.test(path)) throw invalid(`tree.path contains a malformed path component`);
  if (content !== undefined) return { path, mode, oid: await repository.git.write("blob", Buffer.from(content)) };
  if (sha === undefined) throw invalid("Must supply either tree.sha or tree.content");
  if (sha !== null && mode !== "160000" && (await repository.git.object(sha)) === null) {
    throw invalid(`tree.sha ${sha} is not a valid blob`);
  }
  return { path, mode: mode satisfies FileMode, oid: sha };
}

async function treeJson(world: World, repository: Repository, oid: string, recursive: boolean) {
  const object = await repository.git.object(oid);
  const direct = object === null ? [] : parseTree(object.data).map((entry) => ({ ...entry, path: entry.name }));
  const entries: readonly PathEntry[] = recursive ? await walkTree(repository.git, oid) : direct;
  const tree = await Promise.all(
    entries.map(async (entry) => {
      const size = entry.mode.startsWith("1") ? ((await repository.git.object(entry.oid))?.data.length ?? null) : null;
      return treeEntryJson(world, repository, entry, size);
    }),
  );
  return { sha: oid, url: `${repositoryUrl(world, repository)}/git/trees/${oid}`, tree, truncated: false };
}

import { z } from "zod";
import { type Api, type ApiContext, actorOf } from "../api.ts";
import { commitFiles } from "../commit-files.ts";
import { ApiError, invalid, notFound } from "../errors.ts";
import { readTree, type TreeEntry } from "../git-objects.ts";
import { resolveCommit } from "../git-revisions.ts";
import { entryAt, entryType } from "../git-trees.ts";
import type { Schemas } from "../json/accounts.ts";
import { gitCommitJson } from "../json/git.ts";
import { repositoryPage, repositoryUrl } from "../json/repositories.ts";
import type { Repository } from "../repository.ts";
import { needWrite } from "../rights.ts";
import type { World } from "../world.ts";
import { readBody, repositoryOf } from "./request.ts";

interface Place {
  readonly repository: Repository;
  readonly path: string;
  readonly ref: string;
}

const Change = z.object({
  message: z.string(),
  content: z.base64().optional(),
  sha: z.string().optional(),
  branch: z.string().optional(),
});

export function contentRoutes({ app, world }: Api): void {
  const path = "/repos/:owner/:repo/contents/:path{.*}" as const;
  const get = async (c: ApiContext) => {
    const repository = repositoryOf(world, c);
    const ref = c.req.query("ref") ?? repository.defaultBranch;
    const place = { repository, path: (c.req.param("path") ?? "").replace(/\/$/, ""), ref };
    const commit = await resolveCommit(repository, ref);
    if (commit === null)
      throw new ApiError(
        404,
        c.req.query("ref") === undefined ? "This repository is empty." : `No commit found for the ref ${ref}`,
      );
    const entry = await entryAt(repository.git, commit.tree, place.path);
    if (entry === null) throw notFound();
    if (entryType(entry) === "tree") return c.json(await folderJson(world, place, entry));
    const object = await repository.git.object(entry.oid);
    if (object === null) throw notFound();
    if (/vnd\.github(\.v3)?\.raw/.test(c.req.header("accept") ?? "")) {
      return c.body(new Uint8Array(object.data), 200, { "content-type": "application/vnd.github.raw; charset=utf-8" });
    }
    return c.json(fileJson(world, place, entry, object.data));
  };
  app.get("/repos/:owner/:repo/contents", get);
  app.get(path, get);
  app.put(path, (c) => change(world, c, "put"));
  app.delete(path, (c) => change(world, c, "delete"));
}

async function change(world: World, c: ApiContext, kind: "put" | "delete") {
  const repository = repositoryOf(world, c);
  needWrite(c.get("caller"), repository, "contents");
  const path = c.req.param("path") ?? "";
  const { message, content = "", sha, branch = repository.defaultBranch } = await readBody(c, Change);
  const head = await resolveCommit(repository, `refs/heads/${branch}`);
  const present = head === null ? null : await entryAt(repository.git, head.tree, path);
  if (kind === "delete" && present === null) throw notFound();
  if (present !== null && sha === undefined) throw invalid(`Invalid request.\n\n"sha" wasn't supplied.`);
  if (sha !== undefined && present?.oid !== sha) throw new ApiError(409, `${path} does not match ${sha}`);
  const commit = await commitFiles(world, actorOf(c), {
    repository,
    branch,
    expectedHead: head?.oid ?? null,
    message,
    additions: kind === "put" ? [{ path, contents: Buffer.from(content, "base64") }] : [],
    deletions: kind === "delete" ? [path] : [],
  });
  if (commit === "stale") throw new ApiError(409, `is at ${head?.oid} but expected something else`);
  const place = { repository, path, ref: branch };
  const entry = await entryAt(repository.git, commit.tree, path);
  const file = entry === null ? null : fileJson(world, place, entry, Buffer.from(content, "base64"));
  return c.json({ content: file, commit: gitCommitJson(world, repository, commit) }, present === null ? 201 : 200);
}

function frame(world: World, { repository, path, ref }: Place, entry: TreeEntry) {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const url = `${repositoryUrl(world, repository)}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const git = `${repositoryUrl(world, repository)}/git/${entryType(entry)}s/${entry.oid}`;
  const html = `${repositoryPage(world, repository)}/${entryType(entry) === "tree" ? "tree" : "blob"}/${ref}/${encoded}`;
  return {
    name: path.split("/").at(-1) ?? "",
    path,
    sha: entry.oid,
    url,
    html_url: html,
    git_url: git,
    download_url: entryType(entry) === "blob" ? `${repositoryPage(world, repository)}/raw/${ref}/${encoded}` : null,
    _links: { self: url, git, html },
  };
}

function fileJson(world: World, place: Place, entry: TreeEntry, data: Buffer) {
  const content = data.toString("base64").replaceAll(/(.{60})/g, "$1\n");
  return {
    ...frame(world, place, entry),
    type: "file" as const,
    size: data.length,
    encoding: "base64",
    content,
  } satisfies Schemas["content-file"];
}

async function folderJson(world: World, place: Place, folder: TreeEntry) {
  const entries = (await readTree(place.repository.git, folder.oid)) ?? [];
  return Promise.all(
    entries.map(async (entry) => {
      const path = place.path === "" ? entry.name : `${place.path}/${entry.name}`;
      const type = entryType(entry) === "tree" ? ("dir" as const) : ("file" as const);
      const size = type === "dir" ? 0 : ((await place.repository.git.object(entry.oid))?.data.length ?? 0);
      return { ...frame(world, { ...place, path }, entry), type, size } satisfies Schemas["content-directory"][number];
    }),
  );
}

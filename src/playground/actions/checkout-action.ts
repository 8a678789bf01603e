import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Action, StepFailed, type StepHost } from "./step-host.ts";
import { Expression } from "./template.ts";

/** What actions/checkout does, by git itself. */
export const checkoutAction: Action = {
  kind: "built-in",
  defaults: {
    repository: new Expression("github.repository"),
    token: new Expression("github.token"),
    "fetch-depth": "1",
    "persist-credentials": "true",
    clean: "true",
  },
  postCondition: "always()",

  async main(host) {
    const { repository = "", ref = "", token = "", path = "", "fetch-depth": depth = "1" } = host.inputs;
    const directory = join(host.workspace, path);
    await mkdir(directory, { recursive: true });
    if (path === "") await rm(join(directory, ".git"), { recursive: true, force: true });
    host.log.mask(Buffer.from(`x-access-token:${token}`).toString("base64"));

    const git = (...args: string[]) => host.exec({ file: "git", args, directory, env: { GIT_TERMINAL_PROMPT: "0" } });
    await git("-c", "init.defaultBranch=main", "init", "--quiet");
    await git("remote", "add", "origin", `${host.serverUrl}/${repository}.git`);
    await git("config", "--local", "gc.auto", "0");
    await git("config", "--local", headerKey(host), `AUTHORIZATION: basic ${basic(token)}`);

    const wanted = wantedRef(host, repository, ref);
    const limits = depth === "0" ? ["+refs/heads/*:refs/remotes/origin/*"] : [`--depth=${depth}`];
    await git(
      "fetch",
      "--no-tags",
      "--prune",
      "--no-recurse-submodules",
      ...limits.filter((each) => each.startsWith("--")),
      "origin",
      ...limits.filter((each) => !each.startsWith("--")),
      `+${wanted.source}:${wanted.target}`,
    );
    await git(
      "checkout",
      "--progress",
      "--force",
      ...(wanted.branch === null ? ["--detach", wanted.target] : ["-B", wanted.branch, wanted.target]),
    );
    if (host.inputs["persist-credentials"] === "false") await git("config", "--local", "--unset-all", headerKey(host));
    host.setOutput("ref", wanted.source);
    host.setOutput("commit", host.sha);
  },

  async post(host) {
    const directory = join(host.workspace, host.inputs["path"] ?? "");
    const args = ["-c", `git config --local --unset-all "$0" || true`, headerKey(host)];
    await host.exec({ file: "bash", args, directory });
  },
};

interface WantedRef {
  readonly source: string;
  readonly target: string;
  readonly branch: string | null;
}

/** Without a `ref`: the commit that the run is about, on its branch. */
function wantedRef(host: StepHost, repository: string, ref: string): WantedRef {
  const own = ref === "" && repository === host.repository;
  const full = ref === "" ? (own ? host.ref : "HEAD") : ref;
  if (/^[0-9a-f]{40}$/.test(full)) return { source: full, target: "refs/remotes/origin/commit", branch: null };
  const branch = /^refs\/heads\/(.+)$/.exec(full)?.[1] ?? (full.startsWith("refs/") || full === "HEAD" ? null : full);
  if (full.startsWith("-")) throw new StepFailed(`'${full}' is not a ref`);
  if (branch === null) {
    const target = full === "HEAD" ? "refs/remotes/origin/HEAD-commit" : full.replace(/^refs\//, "refs/remotes/");
    return { source: own ? host.sha : full, target, branch: null };
  }
  return { source: own ? host.sha : `refs/heads/${branch}`, target: `refs/remotes/origin/${branch}`, branch };
}

function headerKey(host: StepHost): string {
  return `http.${host.serverUrl}/.extraheader`;
}

function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString("base64");
}

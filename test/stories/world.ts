import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { Playground, type PlaygroundOptions } from "../../src/playground/playground.ts";
import { ServerProcess } from "../../src/playground/server-process.ts";

const run = promisify(execFile);

const OWNER = "octo-org";
const REPO = "hello";
const HERE = { owner: OWNER, repo: REPO };

/** The repository of all stories, as GitHub's client wants it named. */
export const HELLO = HERE;

export interface Comment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/** A local GitHub with Dispatch at work, and the people who use it. What a story asserts is what they would see. */
export class World implements AsyncDisposable {
  readonly playground: Playground;
  readonly #folders: string[] = [];

  private constructor(playground: Playground) {
    this.playground = playground;
  }

  static async start(options: Partial<PlaygroundOptions> = {}): Promise<World> {
    return new World(await Playground.start({ port: 0, pace: 40, ...options }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.playground.close();
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  as(login: string): Octokit {
    const auth = this.playground.tokens[login];
    if (auth === undefined) throw new Error(`Nobody is called ${login}`);
    return new Octokit({ auth, baseUrl: this.playground.api, log: { debug() {}, info() {}, warn() {}, error() {} } });
  }

  async say(number: number, body: string, login = "mona"): Promise<number> {
    const { data } = await this.as(login).issues.createComment({ ...HERE, issue_number: number, body });
    return data.id;
  }

  /** Opens an issue of its own for a story; what is said there disturbs nobody else. */
  async openIssue(title: string, body = "", login = "mona"): Promise<number> {
    const { data } = await this.as(login).issues.create({ ...HERE, title, body });
    return data.number;
  }

  async edit(commentId: number, body: string, login = "mona"): Promise<void> {
    await this.as(login).issues.updateComment({ ...HERE, comment_id: commentId, body });
  }

  /** Ids of the tasks of a thread, in no order. */
  async tasks(thread: number | "run"): Promise<readonly string[]> {
    const prefix = `dispatch/tasks/${thread}/`;
    return (await this.branches(prefix)).map((name) => name.replace(prefix, ""));
  }

  /** The only task of a thread, as soon as it is there. */
  async task(thread: number): Promise<string> {
    return this.eventually(`the task of #${thread}`, async () => (await this.tasks(thread))[0]);
  }

  /** A file of a task, "" while it is missing. */
  async taskFile(thread: number, id: string, path: string): Promise<string> {
    return (await this.file(`dispatch/tasks/${thread}/${id}`, `.dispatch/tasks/${id}/${path}`)) ?? "";
  }

  /** Runs that work on a thread's tasks, newest first. */
  async runsOf(thread: number) {
    return (await this.runs()).filter(({ display_title }) => display_title.startsWith(`dispatch ${thread}/`));
  }

  /** The comment as it stands now. */
  async reread({ id }: Pick<Comment, "id">): Promise<Comment> {
    const { data } = await this.as("mona").issues.getComment({ ...HERE, comment_id: id });
    return { id, author: data.user?.login ?? "", body: data.body ?? "" };
  }

  /** The comment once it carries this text. */
  async becomes(comment: Pick<Comment, "id">, text: string | RegExp, ms?: number): Promise<Comment> {
    let now: Comment | undefined;
    return this.eventually(
      () => `comment ${comment.id} to say ${text}. It says:\n${now?.body}`,
      async () => {
        now = await this.reread(comment);
        return (typeof text === "string" ? now.body.includes(text) : text.test(now.body)) && now;
      },
      ms,
    );
  }

  async comments(number: number): Promise<readonly Comment[]> {
    const { data } = await this.as("mona").issues.listComments({ ...HERE, issue_number: number, per_page: 100 });
    return data.map(({ id, user, body }) => ({ id, author: user?.login ?? "", body: body ?? "" }));
  }

  /** The first comment of ours that carries this text. */
  async comment(number: number, text: string | RegExp, ms?: number): Promise<Comment> {
    const matches = (body: string) => (typeof text === "string" ? body.includes(text) : text.test(body));
    return this.eventually(
      `a comment on #${number} with ${text}`,
      async () => (await this.comments(number)).find(({ author, body }) => author.endsWith("[bot]") && matches(body)),
      ms,
    );
  }

  /** Ticks the box whose line carries this text. A comment that is redrawn in this moment is ticked once more, as on GitHub's page. */
  async tick(commentId: number, label: string, login = "mona"): Promise<void> {
    const replaced: string[] = [];
    const stop = this.playground.github.onEvent(({ actor, payload }) => {
      const { comment, changes } = payload as { comment?: { id?: number }; changes?: { body?: { from?: string } } };
      if (comment?.id === commentId && actor.login === login) replaced.push(changes?.body?.from ?? "");
    });
    try {
      await this.eventually(`a tick of "${label}" that no redraw comes between`, async () => {
        const { data } = await this.as(login).issues.getComment({ ...HERE, comment_id: commentId });
        const lines = (data.body ?? "").split("\n");
        const at = lines.findIndex((line) => /^\s*- \[ \]/.test(line) && line.includes(label));
        if (at < 0) throw new Error(`There is no open box "${label}" in:\n${data.body}`);
        lines[at] = (lines[at] ?? "").replace("[ ]", "[x]");
        await this.as(login).issues.updateComment({ ...HERE, comment_id: commentId, body: lines.join("\n") });
        if (replaced.includes(data.body ?? "")) return true;
        await this.eventually(`"${label}" to be open again`, async () => {
          const { body } = await this.reread({ id: commentId });
          return body.split("\n").some((line) => /^\s*- \[ \]/.test(line) && line.includes(label));
        });
        return false;
      });
    } finally {
      stop();
    }
  }

  async reactions(commentId: number): Promise<readonly string[]> {
    const { data } = await this.as("mona").reactions.listForIssueComment({ ...HERE, comment_id: commentId });
    return data.map(({ content }) => content);
  }

  async labels(number: number): Promise<readonly string[]> {
    const { data } = await this.as("mona").issues.listLabelsOnIssue({ ...HERE, issue_number: number });
    return data.map(({ name }) => name);
  }

  /** Runs that work on tasks, newest first. */
  async runs() {
    const { data } = await this.as("mona").actions.listWorkflowRunsForRepo({ ...HERE, event: "workflow_dispatch" });
    return data.workflow_runs;
  }

  /** What the jobs of a run printed. */
  async log(runId: number): Promise<string> {
    const octokit = this.as("mona");
    const { data } = await octokit.actions.listJobsForWorkflowRun({ ...HERE, run_id: runId });
    const logs = await Promise.all(
      data.jobs.map(async ({ id }) => {
        // A job that never began has no log.
        const log = await octokit.actions.downloadJobLogsForWorkflowRun({ ...HERE, job_id: id }).catch(() => null);
        return typeof log?.data === "string" ? log.data : "";
      }),
    );
    return logs.join("\n");
  }

  /** Resolves when no run is at work any more. */
  async quiet(): Promise<void> {
    await this.eventually("all runs to end", async () =>
      (await this.runs()).every(({ status }) => status === "completed"),
    );
  }

  async pulls(state: "open" | "all" = "open") {
    const { data } = await this.as("mona").pulls.list({ ...HERE, state });
    return data;
  }

  /** A clone by plain git, as anybody could make it. */
  async clone(branch: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "dispatch-clone-"));
    this.#folders.push(folder);
    await run("git", ["clone", "--quiet", "--branch", branch, `${this.playground.git}/${OWNER}/${REPO}.git`, folder]);
    return folder;
  }

  async branches(prefix = ""): Promise<readonly string[]> {
    const { data } = await this.as("mona").git.listMatchingRefs({ ...HERE, ref: `heads/${prefix}`, per_page: 100 });
    return data.map(({ ref }) => ref.replace("refs/heads/", ""));
  }

  /** Subjects of a branch's commits beyond another one, oldest first. */
  async subjects(branch: string, base = "main"): Promise<readonly string[]> {
    const folder = await this.clone(branch);
    const { stdout } = await run("git", ["log", "--reverse", "--format=%s", `origin/${base}..HEAD`], { cwd: folder });
    return stdout.split("\n").filter(Boolean);
  }

  async file(branch: string, path: string): Promise<string | null> {
    try {
      const { data } = await this.as("mona").repos.getContent({
        ...HERE,
        ref: branch,
        path,
        mediaType: { format: "raw" },
      });
      return data as unknown as string; // the raw media type gives text, which the client's types leave out
    } catch {
      return null;
    }
  }

  async commitFile(path: string, content: string, branch = "main"): Promise<void> {
    const octokit = this.as("mona");
    const existing = await octokit.repos.getContent({ ...HERE, path, ref: branch }).catch(() => null);
    const sha = existing !== null && "sha" in existing.data ? existing.data.sha : undefined;
    await octokit.repos.createOrUpdateFileContents({
      ...HERE,
      path,
      branch,
      message: `Change ${path}`,
      content: Buffer.from(content).toString("base64"),
      ...(sha === undefined ? {} : { sha }),
    });
  }

  /** Looks until there is something to see. */
  async eventually<T>(
    what: string | (() => string),
    look: () => Promise<T | undefined | null | false>,
    ms = 90_000,
  ): Promise<T> {
    const until = Date.now() + ms;
    for (;;) {
      const seen = await look();
      if (seen !== undefined && seen !== null && seen !== false && seen !== "") return seen;
      if (Date.now() > until)
        throw new Error(`Nothing to see after ${ms} ms: ${typeof what === "string" ? what : what()}`);
      await sleep(100);
    }
  }

  /** Delivers the newest event of this name again, as GitHub does on request. */
  async redeliver(event: string): Promise<void> {
    const octokit = this.#asApp();
    const { data } = await octokit.request("GET /app/hook/deliveries");
    const delivery = data.find((one) => one.event === event);
    if (delivery === undefined) throw new Error(`There was no delivery of ${event}`);
    await octokit.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: Number(delivery.id) });
  }

  /** Starts a second server and hands every delivery to both at once. */
  async secondServer(): Promise<AsyncDisposable> {
    const { github, server } = this.playground;
    const [app] = github.world.apps.all();
    if (app === undefined || server === null) throw new Error("There is no first server");
    const script = join(import.meta.dirname, "../../src/app/main.ts");
    const second = new ServerProcess({ script, node: [], app, address: github.address, onLine: () => {} });
    await second.start();
    const targets = [server.webhookUrl, second.webhookUrl];
    const relay = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => name.startsWith("x-") || name === "content-type"),
      ) as Record<string, string>; // GitHub sends each of these once
      const send = (url: string) => fetch(url, { method: "POST", headers, body: Buffer.concat(chunks) });
      const answers = await Promise.all(targets.map(send));
      response.writeHead(Math.max(...answers.map(({ status }) => status))).end();
    });
    await new Promise<void>((resolve) => {
      relay.listen(0, "127.0.0.1", resolve);
    });
    github.setWebhookUrl(app.appId, `http://127.0.0.1:${(relay.address() as AddressInfo).port}/`);
    return {
      async [Symbol.asyncDispose]() {
        relay.close();
        relay.closeAllConnections();
        await second.stop();
      },
    };
  }

  #asApp(): Octokit {
    const [app] = this.playground.github.world.apps.all();
    if (app === undefined) throw new Error("There is no App");
    return new Octokit({
      authStrategy: createAppAuth,
      auth: { appId: app.appId, privateKey: app.privateKey },
      baseUrl: this.playground.api,
    });
  }

  async git(folder: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run("git", args, { cwd: folder });
    return stdout;
  }
}

import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { gitCheckout } from "../../src/adapters/git-checkout.ts";
import type { Checkout, CommitText } from "../../src/flows/machine-ports.ts";
import type { Log } from "../../src/flows/ports.ts";

export const BOT = { name: "dispatch[bot]", email: "1+dispatch[bot]@users.noreply.github.com" };
const MONA = { login: "mona", id: 583231 };

export function text(message: string, signoff = false): CommitText {
  return { message, task: "add-health-ab12", coAuthor: MONA, signoff };
}

const IDENTITY = {
  GIT_AUTHOR_NAME: "hubot",
  GIT_AUTHOR_EMAIL: "hubot@example.com",
  GIT_COMMITTER_NAME: "hubot",
  GIT_COMMITTER_EMAIL: "hubot@example.com",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** A bare remote, somebody else's clone of it, and the runner's workspace, all in a temporary directory. */
export class GitSandbox {
  readonly root: string;
  readonly warnings: string[] = [];

  constructor(root: string) {
    this.root = root;
  }

  static async create(files: Readonly<Record<string, string>> = { "README.md": "# Hello\n" }): Promise<GitSandbox> {
    const sandbox = new GitSandbox(await mkdtemp(join(tmpdir(), "dispatch-git-")));
    await sandbox.git(["init", "-q", "--bare", "-b", "main", "remote.git"], sandbox.root);
    await sandbox.git(["clone", "-q", sandbox.remote, sandbox.other], sandbox.root);
    await sandbox.git(["checkout", "-q", "-B", "main"], sandbox.other);
    await sandbox.commitAsOther(files, "Begin", "main");
    return sandbox;
  }

  get remote(): string {
    return join(this.root, "remote.git");
  }

  get other(): string {
    return join(this.root, "other");
  }

  get workspace(): string {
    return join(this.root, "workspace");
  }

  get temp(): string {
    return join(this.root, "temp");
  }

  checkout(change: Partial<Parameters<typeof gitCheckout>[0]> = {}): Checkout {
    const log: Log = { info: () => undefined, warning: (message) => void this.warnings.push(message) };
    return gitCheckout({
      workspace: this.workspace,
      remoteUrl: this.remote,
      token: async () => "ghs_secret",
      tempDir: this.temp,
      bot: BOT,
      log,
      ...change,
    });
  }

  async git(args: readonly string[], cwd: string): Promise<string> {
    const { stdout } = await execa("git", args, { cwd, env: IDENTITY });
    return stdout;
  }

  /** In the workspace, as a worker would, with the identity that it finds there. */
  async asWorker(...args: readonly string[]): Promise<string> {
    const env = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
    return (await execa("git", args, { cwd: this.workspace, env })).stdout;
  }

  async write(files: Readonly<Record<string, string>>, directory = this.workspace): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
  }

  async commitAsOther(files: Readonly<Record<string, string>>, message: string, branch: string): Promise<string> {
    const exists = await this.git(["ls-remote", "origin", `refs/heads/${branch}`], this.other);
    if (exists !== "") {
      await this.git(["fetch", "-q", "origin", branch], this.other);
      await this.git(["checkout", "-q", "-B", branch, "FETCH_HEAD"], this.other);
    } else if (branch !== "main") await this.git(["checkout", "-q", "-B", branch, "main"], this.other);
    await this.write(files, this.other);
    await this.git(["add", "-A", "-f"], this.other);
    await this.git(["commit", "-q", "-m", message], this.other);
    await this.git(["push", "-q", "origin", `HEAD:refs/heads/${branch}`], this.other);
    return this.git(["rev-parse", "HEAD"], this.other);
  }

  /** Many commits on main at once. */
  async growMain(commits: number): Promise<void> {
    const tip = await this.git(["rev-parse", "refs/heads/main"], this.remote);
    const now = Math.ceil(Date.now() / 1000);
    const one = (nth: number) =>
      `commit refs/heads/main\ncommitter hubot <hubot@example.com> ${now + nth} +0000\ndata 1\n.\n${nth === 0 ? `from ${tip}\n` : ""}\n`;
    const input = Array.from({ length: commits }, (_, nth) => one(nth)).join("");
    await execa("git", ["fast-import", "--quiet"], { cwd: this.remote, input, env: IDENTITY });
  }

  /** Subjects on a branch of the remote, oldest first. */
  async subjects(branch: string): Promise<string[]> {
    const log = await this.git(["log", "--reverse", "--format=%s", `refs/heads/${branch}`], this.remote);
    return log.split("\n");
  }

  async show(branch: string, path: string): Promise<string> {
    return this.git(["show", `refs/heads/${branch}:${path}`], this.remote);
  }

  async paths(branch: string): Promise<string[]> {
    return (await this.git(["ls-tree", "-r", "--name-only", `refs/heads/${branch}`], this.remote)).split("\n");
  }

  /** The remote says no to every push. */
  async refuse(...lines: readonly string[]): Promise<void> {
    const hook = join(this.remote, "hooks", "pre-receive");
    await writeFile(hook, `#!/bin/sh\n${lines.map((line) => `echo '${line}' >&2\n`).join("")}exit 1\n`);
    await chmod(hook, 0o755);
  }

  /** The remote over HTTP, for whoever holds the token. */
  async serve(token: string): Promise<{ readonly url: string } & AsyncDisposable> {
    const expected = `basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
    const server = createServer((request, response) => {
      if (request.headers.authorization === expected) return backend(this.root, request, response);
      response.writeHead(401, { "www-authenticate": "Basic", "content-type": "text/plain" });
      response.end("Invalid username or token.\n");
    });
    await this.git(["config", "http.receivepack", "true"], this.remote);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no port.");
    await symlink(this.remote, join(this.root, "hello.git"));
    return {
      url: `http://127.0.0.1:${address.port}/hello.git`,
      [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** `git http-backend` as CGI: its headers end at the first blank line. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      GIT_PROTOCOL: request.headers["git-protocol"]?.toString() ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      REMOTE_USER: "x-access-token",
    },
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf("\r\n\r\n");
    for (const line of answer.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(": ");
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(answer.subarray(end + 4));
  });
}

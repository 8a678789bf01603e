import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Octokit } from "@octokit/rest";
import {
  type Address,
  LocalGitHub,
  type LocalGitHubOptions,
  type Repository,
} from "../../src/playground/github/local-github.ts";

export const HELLO = { owner: "octo-org", repo: "hello" } as const;

export interface Playground {
  readonly github: LocalGitHub;
  readonly address: Address;
  readonly repository: Repository;
  readonly folder: string;
  readonly as: (login: string) => Octokit;
  readonly withToken: (token: string) => Octokit;
  readonly end: () => Promise<void>;
}

/** octo-org/hello with mona (admin), hubot (write) and a stranger, listening. */
export async function startPlayground(options: Partial<LocalGitHubOptions> = {}): Promise<Playground> {
  const folder = await mkdtemp(join(tmpdir(), "local-github-"));
  const github = await LocalGitHub.create({ dataDir: folder, ...options });
  github.addUser("octo-org", { type: "Organization" });
  github.addUser("stranger");
  const repository = await github.addRepository({
    owner: "octo-org",
    name: "hello",
    files: { "README.md": "# Hello\n", "src/index.js": "one\ntwo\nthree\n" },
    collaborators: { mona: "admin", hubot: "write" },
  });
  const address = await github.listen(0);
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const withToken = (token: string) => new Octokit({ baseUrl: address.api, auth: token, log: quiet });
  return {
    github,
    address,
    repository,
    folder,
    withToken,
    as: (login) => withToken(github.tokenOf(login)),
    end: async () => {
      await github.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Received {
  readonly event: string;
  readonly delivery: string;
  readonly signature: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // biome-ignore lint: payloads are read as tests need them.
  readonly payload: any;
}

/** Something that takes webhooks, and answers them as it is told. */
export async function startReceiver(answer: (nth: number) => number | Promise<number> = () => 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const header = (name: string) => String(request.headers[name] ?? "");
    received.push({
      event: header("x-github-event"),
      delivery: header("x-github-delivery"),
      signature: header("x-hub-signature-256"),
      headers: request.headers,
      body,
      payload: JSON.parse(body),
    });
    response.writeHead(await answer(received.length)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const end = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, received, end };
}

/** The refusal that a call ends in: its status and GitHub's words. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; message: string; errors: unknown }> {
  try {
    await call;
  } catch (error) {
    const { status, response } = error as {
      status: number;
      response?: { data?: { message?: string; errors?: unknown } };
    };
    return { status, message: response?.data?.message ?? "", errors: response?.data?.errors };
  }
  throw new Error("The call was not refused.");
}

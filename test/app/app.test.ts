import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp, type DispatchApp } from "../../src/app/app.ts";
import { readEnvironment } from "../../src/app/environment.ts";

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}
// The package holds nothing but this file of JSON.
const EXAMPLES = createRequire(import.meta.url)("@octokit/webhooks-examples") as readonly Example[];

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

interface Asked {
  /** `GET /app` */
  readonly route: string;
  readonly authorization: string;
  readonly body: string;
}

/** Every request that reached GitHub. */
const asked: Asked[] = [];
/** What GitHub answers; anything else is not found. */
const replies = new Map<string, { readonly status: number; readonly body: unknown }>();
let github: Server;
let app: DispatchApp;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url}`;
  const body = await Array.fromAsync(request as AsyncIterable<Buffer>);
  asked.push({ route, authorization: request.headers.authorization ?? "", body: Buffer.concat(body).toString("utf8") });
  const { status, body: reply } = replies.get(route) ?? { status: 404, body: { message: "Not Found" } };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
}

beforeEach(async () => {
  asked.length = 0;
  replies.clear();
  replies.set("GET /app", { status: 200, body: { slug: "dispatch-app" } });
  github = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(github, "listening");
  const address = github.address();
  if (address === null || typeof address === "string") throw new Error("It listens on a port");
  const environment = {
    APP_ID: "1",
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: "sixteen-letters-",
    GITHUB_API_URL: `http://127.0.0.1:${address.port}`,
    LOG_LEVEL: "fatal",
  };
  app = await createApp(readEnvironment(environment));
  await app.background.settled();
});

afterEach(async () => {
  github.closeAllConnections();
  await new Promise((resolve) => github.close(resolve));
});

const routes = () => asked.map(({ route }) => route);

function receive(name: string, payload: unknown): Promise<void> {
  // Payloads are GitHub's own examples, some of them older than Probot's types.
  return app.probot.receive({ id: "1", name, payload } as unknown as Parameters<typeof app.probot.receive>[0]);
}

/** A comment on issue 1 of GitHub's example, with other words, perhaps by somebody else. */
function said(body: string, by?: { readonly login: string; readonly id: number; readonly type: string }) {
  const { comment, sender, ...rest } = example("issue_comment", "created");
  return { ...rest, sender: by ?? sender, comment: { ...(comment as object), user: by ?? sender, body } };
}

function example(name: string, action: string): Readonly<Record<string, unknown>> {
  const found = EXAMPLES.find((one) => one.name === name)?.examples.find((one) => one["action"] === action);
  if (found === undefined) throw new Error(`No example of ${name}.${action}`);
  return { ...found, installation: { id: 7 } };
}

describe("noise", () => {
  it("costs no call but the one for the App's name, at the start", async () => {
    expect(routes()).toEqual(["GET /app"]);
    let received = 0;
    for (const { name, examples } of EXAMPLES) {
      for (const payload of examples.slice(0, 3)) {
        await receive(name, { ...payload, installation: { id: 7 } });
        received += 1;
      }
    }
    expect(received).toBeGreaterThan(100);
    expect(routes()).toEqual(["GET /app"]);
  });

  it.each(["dispatch-app[bot]", "github-actions[bot]"])("is what %s says itself", async (login) => {
    await receive("issue_comment", said("/dispatch tidy up", { login, id: 1, type: "Bot" }));
    expect(routes()).toEqual(["GET /app"]);
  });

  it("is what other bots say, commands excepted", async () => {
    await receive("issue_comment", said("Tidied up.", { login: "helper[bot]", id: 1, type: "Bot" }));
    expect(routes()).toEqual(["GET /app"]);
  });
});

describe("a command", () => {
  const REPOSITORY = "/repos/Codertocat/Hello-World";
  /** The conversation with the config, and where there is none, the organisation's. */
  const READS = ["POST /graphql", "GET /repos/Codertocat/.github/contents/.github%2Fdispatch.yml"];
  const TOKEN = "POST /app/installations/7/access_tokens";

  beforeEach(() => {
    const token = { token: "ghs_secret", permissions: {}, expires_at: "2036-01-01T00:00:00Z" };
    replies.set(TOKEN, { status: 201, body: token });
    const repository = { defaultBranchRef: { name: "main" }, config: null, setup: null, topic: null };
    replies.set("POST /graphql", { status: 200, body: { data: { repository } } });
  });

  it("of a bot that the config does not list gets no word, and no reaction", async () => {
    await receive("issue_comment", said("/dispatch tidy up", { login: "helper[bot]", id: 1, type: "Bot" }));
    expect(routes().slice(2)).toEqual(READS);
  });

  it("is acknowledged, and its author's permission is asked for, as the installation", async () => {
    const eyes = `POST ${REPOSITORY}/issues/comments/492700400/reactions`;
    const permission = `GET ${REPOSITORY}/collaborators/Codertocat/permission`;
    const reply = `POST ${REPOSITORY}/issues/1/comments`;
    replies.set(eyes, { status: 201, body: { id: 1, content: "eyes" } });
    replies.set(permission, { status: 200, body: { permission: "read", role_name: "read", user: null } });
    replies.set(reply, {
      status: 201,
      body: { id: 9, html_url: "https://github.com/9", body: "", user: { login: "dispatch-app[bot]", id: 1 } },
    });
    await receive("issue_comment", said("/dispatch help"));
    expect(
      routes()
        .filter((route) => route !== "GET /app" && route !== TOKEN)
        .sort(),
    ).toEqual([permission, eyes, reply, ...READS].sort());
    const own = asked.filter(({ route }) => route !== "GET /app" && route !== TOKEN);
    expect(new Set(own.map(({ authorization }) => authorization))).toEqual(new Set(["token ghs_secret"]));
    expect(asked.at(-1)).toMatchObject({ route: reply, body: expect.stringContaining("write access") });
  });
});

import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { connect } from "node:net";
import { Probot } from "probot";
import { afterEach, describe, expect, it } from "vitest";
import { createWebhookServer, WEBHOOK_PATH } from "../../src/app/server.ts";
import { MemoryLog } from "../flows/memory-ports.ts";

const SECRET = "sixteen-letters-";
const MEGABYTE = 1024 * 1024;

const running: Server[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server whose deliveries all go to this handler. */
async function serve(handler: (payload: unknown) => Promise<void> | void, answerWithinMs = 5_000) {
  const probot = new Probot({ appId: 1, privateKey: "none", secret: SECRET, logLevel: "fatal" });
  await probot.ready();
  probot.onAny(async ({ payload }) => handler(payload));
  const log = new MemoryLog();
  const server = createWebhookServer({ probot, log, answerWithinMs });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It listens on a port");
  const url = `http://127.0.0.1:${address.port}`;
  return { url, log, port: address.port, webhooks: `${url}${WEBHOOK_PATH}` };
}

function sign(body: string, secret = SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** A delivery as GitHub makes it; a header that is null is left out. */
function delivery(body: string, changed: Readonly<Record<string, string | null>> = {}): RequestInit {
  const headers = {
    "content-type": "application/json",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-github-event": "issue_comment",
    "x-hub-signature-256": sign(body),
    ...changed,
  };
  const present = Object.entries(headers).filter((header): header is [string, string] => header[1] !== null);
  return { method: "POST", body, headers: Object.fromEntries(present) };
}

const BODY = JSON.stringify({ action: "created", comment: { body: "/dispatch füge einen Test hinzu 🚀" } });

describe("a delivery", () => {
  it("is handed over whole and acknowledged when it has been handled", async () => {
    const seen: unknown[] = [];
    const { webhooks } = await serve((payload) => void seen.push(payload));
    const response = await fetch(webhooks, delivery(BODY));
    expect(response.status).toBe(200);
    expect(seen).toEqual([JSON.parse(BODY)]);
  });

  it.each([
    { what: "another secret", signature: sign(BODY, "another-secret--") },
    { what: "another body", signature: sign(`${BODY} `) },
    { what: "nothing but the prefix", signature: "sha256=" },
    { what: "no prefix", signature: sign(BODY).slice("sha256=".length) },
    { what: "the old algorithm", signature: `sha1=${createHmac("sha1", SECRET).update(BODY).digest("hex")}` },
    { what: "letters that are none", signature: `sha256=${"ä".repeat(64)}`.normalize("NFC").replace(/ä/g, "z") },
  ])("signed with $what is refused and never looked at", async ({ signature }) => {
    const seen: unknown[] = [];
    const { webhooks } = await serve((payload) => void seen.push(payload));
    const response = await fetch(webhooks, delivery(BODY, { "x-hub-signature-256": signature }));
    expect(response.status).toBe(401);
    expect(seen).toEqual([]);
  });

  it.each(["x-github-delivery", "x-github-event", "x-hub-signature-256"])(
    "without %s is none of GitHub's",
    async (name) => {
      const seen: unknown[] = [];
      const { webhooks } = await serve((payload) => void seen.push(payload));
      expect((await fetch(webhooks, delivery(BODY, { [name]: null }))).status).toBe(400);
      expect(seen).toEqual([]);
    },
  );

  it("without a body is refused", async () => {
    const { webhooks, log } = await serve(() => {});
    expect((await fetch(webhooks, delivery(""))).status).toBe(400);
    expect(log.warnings).toEqual([]);
  });

  it("that is signed and yet no JSON fails", async () => {
    const { webhooks } = await serve(() => {});
    expect((await fetch(webhooks, delivery("payload=%7B%7D"))).status).toBe(500);
  });

  it("of the size that GitHub allows is taken", async () => {
    const { webhooks } = await serve(() => {});
    const body = JSON.stringify({ filler: "x".repeat(25 * MEGABYTE - 20) });
    expect((await fetch(webhooks, delivery(body))).status).toBe(200);
  });

  it.each([25 * MEGABYTE + 1, 60 * MEGABYTE])(
    "of %i bytes, larger than GitHub's own limit, is refused",
    async (bytes) => {
      const { webhooks } = await serve(() => {});
      expect((await fetch(webhooks, delivery("x".repeat(bytes)))).status).toBe(413);
    },
  );

  it("that breaks off in the middle does no harm", async () => {
    const { webhooks, port } = await serve(() => {});
    const socket = connect(port, "127.0.0.1");
    const headers = Object.entries(delivery(BODY).headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\n${headers.join("")}content-length: 1000\r\n\r\n{`);
    await once(socket.resume(), "close");
    expect((await fetch(webhooks, delivery(BODY))).status).toBe(200);
  });

  it("that fails is not acknowledged, and the log says why, without the body", async () => {
    const { webhooks, log } = await serve(() => {
      throw new Error("GitHub did not answer");
    });
    expect((await fetch(webhooks, delivery(BODY))).status).toBe(500);
    expect(log.warnings).toEqual([expect.stringContaining("GitHub did not answer")]);
    expect(log.warnings[0]).toContain("72d3162e-cc78-11e3-81ab-4c9367dc0958");
    expect(log.warnings.join()).not.toContain("/dispatch");
  });

  it("that takes too long is not acknowledged, and goes on", async () => {
    const handler = Promise.withResolvers<void>();
    let ended = false;
    const { webhooks, log } = await serve(async () => {
      await handler.promise;
      ended = true;
    }, 20);
    const response = await fetch(webhooks, delivery(BODY));
    expect(response.status).toBe(503);
    expect(ended).toBe(false);
    handler.resolve();
    await expect.poll(() => ended).toBe(true);
    expect(log.warnings).toEqual([]);
  });

  it("that fails only after the answer is in the log all the same", async () => {
    const handler = Promise.withResolvers<void>();
    const { webhooks, log } = await serve(() => handler.promise, 20);
    expect((await fetch(webhooks, delivery(BODY))).status).toBe(503);
    handler.reject(new Error("too late"));
    await expect.poll(() => log.warnings).toEqual([expect.stringContaining("too late")]);
  });
});

describe("the other paths", () => {
  it.each([
    { method: "GET", path: "/healthz", status: 200 },
    { method: "GET", path: "/healthz?verbose", status: 200 },
    { method: "GET", path: WEBHOOK_PATH, status: 405 },
    { method: "PUT", path: WEBHOOK_PATH, status: 405 },
    { method: "POST", path: `${WEBHOOK_PATH}/`, status: 404 },
    { method: "POST", path: "/healthz", status: 404 },
    { method: "GET", path: "/", status: 404 },
    { method: "GET", path: "/probot", status: 404 },
    { method: "POST", path: "/api/github/hooks", status: 404 },
  ])("$method $path → $status", async ({ method, path, status }) => {
    const { url } = await serve(() => {});
    const response = await fetch(`${url}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });
});

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Probot } from "probot";
import type { Log } from "../flows/ports.ts";
import { Deliveries } from "./deliveries.ts";

/** GitHub hangs up after 10 s. Without an end by then we say so ourselves, so that the delivery stays in GitHub's log as failed. */
const ANSWER_WITHIN_MS = 9_000;
/** GitHub's own limit for a webhook's payload. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

export const WEBHOOK_PATH = "/api/github/webhooks";

interface ServerOptions {
  readonly probot: Probot;
  readonly log: Log;
  readonly answerWithinMs?: number;
}

type Receiving = ServerOptions & { readonly deliveries: Deliveries };

/** The HTTP server: webhooks in, and a health check. It acknowledges a delivery only when everything it asks for has been done. */
export function createWebhookServer(given: ServerOptions): Server {
  // A delivery that takes longer than GitHub waits comes again, while it is still being handled or when it has been.
  const options = { ...given, deliveries: new Deliveries() };
  const server = createServer((request, response) => {
    route(request, response, options).catch((error: unknown) => {
      options.log.warning(`A request failed: ${String(error)}`);
      answer(response, 500, "error");
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
}

async function route(request: IncomingMessage, response: ServerResponse, options: Receiving): Promise<void> {
  const path = request.url?.split("?")[0];
  if (request.method === "GET" && path === "/healthz") return answer(response, 200, "ok");
  if (path !== WEBHOOK_PATH) return answer(response, 404, "not found");
  if (request.method !== "POST") return answer(response, 405, "webhooks are posted");
  await receive(request, response, options);
}

async function receive(request: IncomingMessage, response: ServerResponse, options: Receiving): Promise<void> {
  const delivery = readHeaders(request);
  if (delivery === null) return answer(response, 400, "not a delivery of GitHub's");
  const payload = await readBody(request);
  if (payload === null) return answer(response, 413, "too large");
  if (payload === "") return answer(response, 400, "an empty delivery");
  const { probot, log, answerWithinMs = ANSWER_WITHIN_MS } = options;
  if (!(await probot.webhooks.verify(payload, delivery.signature))) return answer(response, 401, "wrong signature");
  const handled = options.deliveries
    .handle(delivery.id, () => handle(probot, delivery, payload, log))
    .then(
      () => "done" as const,
      () => "failed" as const,
    );
  const timer = new Promise<"late">((resolve) => setTimeout(resolve, answerWithinMs, "late").unref());
  const result = await Promise.race([handled, timer]);
  switch (result) {
    case "done":
      return answer(response, 200, "ok");
    case "failed":
      return answer(response, 500, "failed; deliver it again");
    case "late":
      return answer(response, 503, "still at it; deliver it again to make sure");
  }
}

interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly signature: string;
}

async function handle(probot: Probot, { id, name }: Delivery, payload: string, log: Log): Promise<void> {
  try {
    // The event's name comes from GitHub; names that Probot has no type for are ignored by our reader.
    await probot.receive({ id, name, payload: JSON.parse(payload) } as Parameters<Probot["receive"]>[0]);
  } catch (error) {
    log.warning(`Delivery ${id} (${name}) failed: ${describe(error)}`);
    throw error;
  }
}

function describe(error: unknown): string {
  const causes = error instanceof AggregateError ? error.errors : [error];
  return causes.map((cause) => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))).join("\n");
}

function readHeaders({ headers }: IncomingMessage): Delivery | null {
  const id = headers["x-github-delivery"];
  const name = headers["x-github-event"];
  const signature = headers["x-hub-signature-256"];
  if (typeof id !== "string" || typeof name !== "string" || typeof signature !== "string") return null;
  return { id, name, signature };
}

/** The body as text; null when it is larger than GitHub ever sends. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

import { createHmac, randomUUID } from "node:crypto";
import type { App } from "./apps.ts";

/** One attempt to deliver an event; an entry of the App's delivery log. */
export interface Delivery {
  readonly id: number;
  /** `X-GitHub-Delivery`: the same for every attempt. */
  readonly guid: string;
  readonly appId: number;
  readonly event: string;
  readonly action: string | null;
  readonly payload: unknown;
  readonly repositoryId: number | null;
  readonly redelivery: boolean;
  readonly deliveredAt: string;
  status: string;
  /** Zero while nothing has answered. */
  statusCode: number;
  /** Seconds */
  duration: number;
  responseBody: string;
}

export interface WebhookEvent {
  readonly name: string;
  readonly action: string | null;
  readonly payload: unknown;
  readonly repositoryId: number | null;
}

const KEPT_MS = 3 * 24 * 3_600_000;
const KEPT_COUNT = 10_000;

interface Receiver {
  url: string | null;
  /** Deliveries to one receiver go one after the other. */
  queue: Promise<void>;
}

export class Webhooks {
  #log: Delivery[] = [];
  readonly #receivers = new Map<number, Receiver>();
  readonly #options: { readonly now: () => Date; readonly nextId: () => number; readonly timeoutMs: number };
  readonly #closing = new AbortController();

  constructor(options: { readonly now: () => Date; readonly nextId: () => number; readonly timeoutMs: number }) {
    this.#options = options;
  }

  setUrl(appId: number, url: string | null): void {
    this.#receiver(appId).url = url;
  }

  url(appId: number): string | null {
    return this.#receiver(appId).url;
  }

  send(app: App, event: WebhookEvent): void {
    this.#enqueue(app, { ...event, guid: randomUUID(), redelivery: false });
  }

  /** Sends the event of a delivery again, under the same `X-GitHub-Delivery`. */
  redeliver(app: App, delivery: Delivery): void {
    const { event: name, action, payload, repositoryId, guid } = delivery;
    this.#enqueue(app, { name, action, payload, repositoryId, guid, redelivery: true });
  }

  /** The App's deliveries of the last three days, newest first. */
  deliveries(appId: number): readonly Delivery[] {
    const oldest = this.#options.now().getTime() - KEPT_MS;
    this.#log = this.#log.filter((delivery) => Date.parse(delivery.deliveredAt) >= oldest);
    return this.#log.filter((delivery) => delivery.appId === appId).toReversed();
  }

  async settled(): Promise<void> {
    for (;;) {
      const queues = [...this.#receivers.values()].map((receiver) => receiver.queue);
      await Promise.all(queues);
      if ([...this.#receivers.values()].every((receiver) => queues.includes(receiver.queue))) return;
    }
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.settled();
  }

  #receiver(appId: number): Receiver {
    const known = this.#receivers.get(appId);
    if (known !== undefined) return known;
    const fresh = { url: null, queue: Promise.resolve() };
    this.#receivers.set(appId, fresh);
    return fresh;
  }

  #enqueue(app: App, event: WebhookEvent & { readonly guid: string; readonly redelivery: boolean }): void {
    const receiver = this.#receiver(app.appId);
    if (receiver.url === null) return;
    // What happened is told as it was: later changes do not show in it.
    const body = JSON.stringify(event.payload);
    receiver.queue = receiver.queue.then(() => this.#deliver(app, event, body));
  }

  async #deliver(app: App, event: WebhookEvent & { guid: string; redelivery: boolean }, body: string): Promise<void> {
    const url = this.url(app.appId);
    if (url === null || this.#closing.signal.aborted) return;
    const delivery: Delivery = {
      id: this.#options.nextId(),
      guid: event.guid,
      appId: app.appId,
      event: event.name,
      action: event.action,
      payload: JSON.parse(body),
      repositoryId: event.repositoryId,
      redelivery: event.redelivery,
      deliveredAt: this.#options.now().toISOString(),
      status: "pending",
      statusCode: 0,
      duration: 0,
      responseBody: "",
    };
    this.#log.push(delivery);
    if (this.#log.length > KEPT_COUNT) this.#log = this.#log.slice(-KEPT_COUNT / 2);
    const started = performance.now();
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        headers: headers(app, event, body),
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.timeoutMs)]),
      });
      delivery.responseBody = await response.text();
      delivery.statusCode = response.status;
      delivery.status = response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`;
    } catch (error) {
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      delivery.statusCode = timedOut ? 504 : 502;
      delivery.status = timedOut ? "timed out" : "failed to connect to host";
    }
    delivery.duration = Math.round(performance.now() - started) / 1000;
  }
}

function headers(app: App, event: { name: string; guid: string }, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/playground",
    "x-github-event": event.name,
    "x-github-delivery": event.guid,
    "x-github-hook-id": String(app.appId),
    "x-github-hook-installation-target-id": String(app.appId),
    "x-github-hook-installation-target-type": "integration",
    "x-hub-signature-256": `sha256=${createHmac("sha256", app.webhookSecret).update(body).digest("hex")}`,
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { compileCache } from "./compile-cache.ts";
import type { App } from "./github/apps.ts";
import type { Address } from "./github/world.ts";

export interface ServerOptions {
  /** The entrance's script, run by this Node with these arguments. */
  readonly script: string;
  readonly node: readonly string[];
  readonly app: App;
  readonly address: Address;
  /** Every line that the server prints beside its first. */
  readonly onLine: (line: string) => void;
}

/** How long a server may take to listen, and to end when asked kindly. */
const START_MS = 20_000;
const END_MS = 5_000;

/** The Probot server as a process of its own, so that it can be killed and started again like a real one. */
export class ServerProcess {
  readonly #options: ServerOptions;
  #child: ChildProcess | null = null;
  /** Kept over a restart, since the webhook's address is. */
  #port = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get webhookUrl(): string {
    return `http://127.0.0.1:${this.#port}/api/github/webhooks`;
  }

  /** Resolves when the server listens. */
  async start(): Promise<void> {
    const { script, node, app, address, onLine } = this.#options;
    const child = spawn(process.execPath, [...node, script], {
      env: {
        PATH: process.env["PATH"] ?? "",
        APP_ID: String(app.appId),
        PRIVATE_KEY: app.privateKey,
        WEBHOOK_SECRET: app.webhookSecret,
        PORT: String(this.#port),
        HOST: "127.0.0.1",
        GITHUB_API_URL: address.api,
        GITHUB_SERVER_URL: address.url,
        LOG_LEVEL: "info",
        ...compileCache(),
      },
      stdio: ["ignore", "pipe", "pipe"],
      // A Ctrl-C at the terminal is the playground's to handle.
      detached: true,
    });
    this.#child = child;
    child.once("exit", () => {
      if (this.#child === child) this.#child = null;
    });
    createInterface({ input: child.stderr }).on("line", onLine);
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, "exit").then(() => Promise.reject(new Error("The server ended before it listened.")));
    const port = new Promise<number>((resolve) => {
      lines.on("line", (line) => {
        const ready = readReady(line);
        if (ready === null) onLine(line);
        else resolve(ready);
      });
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("The server does not listen.")), START_MS).unref();
    });
    try {
      this.#port = await Promise.race([port, ended, late]);
    } catch (error) {
      await this.kill("SIGKILL");
      throw error;
    }
    ended.catch(() => undefined);
    late.catch(() => undefined);
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await ended;
    clearTimeout(late);
  }

  async stop(): Promise<void> {
    await this.kill("SIGTERM");
  }
}

/** The port in `{"ready":true,"port":3000}`. */
function readReady(line: string): number | null {
  if (!line.startsWith('{"ready":true')) return null;
  const { port }: { port?: unknown } = JSON.parse(line);
  return typeof port === "number" ? port : null;
}

import type { AddressInfo } from "node:net";
import { Problem } from "../core/problem.ts";
import { createApp } from "./app.ts";
import { readEnvironment } from "./environment.ts";
import { createWebhookServer } from "./server.ts";

async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const { probot, background, log, rounds } = await createApp(environment);
  const server = createWebhookServer({ probot, log });
  server.listen(environment.port, environment.host, () => {
    const { port } = server.address() as AddressInfo; // a TCP server's address is always of this form
    process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
  });
  const over = new AbortController();
  background.later("the rounds", () => rounds(over.signal));
  const stop = () => {
    over.abort();
    server.close(() => {
      void background.settled().then(() => process.exit(0));
    });
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

main().catch((error: unknown) => {
  if (error instanceof Problem) process.stderr.write(`${error.message} ${error.nextStep}\n`);
  else console.error(error);
  process.exitCode = 1;
});

import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { SECONDARY_LIMITS } from "./github/rate-limits.ts";
import { Playground } from "./playground.ts";

const USAGE = `npm run demo -- [--headless] [--port N] [--hosting server|action] [--backend NAME] [--no-open]

  --headless   print one line of JSON with the addresses and tokens, and serve until SIGINT
  --port N     listen there (default 3000; 0 for any free port)
  --hosting    who handles the thread: the server (default), or the Action
  --backend    who works: demo (default), claude, codex, cursor, or a command of yours
  --no-open    do not open the browser`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      headless: { type: "boolean", default: false },
      port: { type: "string", default: "3000" },
      hosting: { type: "string", default: "server" },
      backend: { type: "string", default: "demo" },
      open: { type: "boolean", default: true },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const { hosting } = values;
  if (hosting !== "server" && hosting !== "action") throw new Error(`--hosting is server or action, not ${hosting}.`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port is a number up to 65535, not ${values.port}.`);

  // Whoever says stop before everything stands means it, too.
  const stopped = nextStop();
  const playground = await Playground.start({ port, hosting, backend: values.backend, onServerLine: console.error });
  // Nobody meets them by hand; programs that hurry on purpose ask for a GitHub without a page.
  if (!values.headless) {
    playground.github.rateLimits.secondary = SECONDARY_LIMITS;
    playground.github.rateLimits.off = false;
  }
  const { url, api, git, tokens, repository } = playground;
  if (values.headless) console.log(JSON.stringify({ url, api, git, repo: repository.fullName, tokens }));
  else {
    const page = `${url}/${repository.fullName}/issues/1`;
    console.log(
      `\n  Dispatch is at work on ${page}\n  Write "/dispatch use opus to add a /health endpoint". Ctrl-C ends it.\n`,
    );
    if (values.open) openBrowser(page);
  }
  await stopped;
  await playground.close();
  process.exit(0);
}

function nextStop(): Promise<void> {
  return new Promise((resolve) => {
    // Not once: npm hands a Ctrl-C on that the terminal has sent already, and the second must not cut the tidying short.
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}

/** Opens the page where there is something to open it with; a machine without a browser is no failure. */
function openBrowser(page: string): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  spawn(program, [page], { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}

function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const inUse = "code" in error && error.code === "EADDRINUSE";
  return inUse ? "The port is in use. Choose another one: npm run demo -- --port 0" : error.message;
}

main().catch((error: unknown) => {
  console.error(explain(error));
  if (process.env["DEBUG"] !== undefined) console.error(error);
  process.exit(1);
});

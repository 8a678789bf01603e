import { readFileSync } from "node:fs";
import { z } from "zod";
import { Problem } from "../core/problem.ts";

const APP_ID = "the App's number, from its settings page";
const WEBHOOK_SECRET = "at least 16 characters; there is no default";

const Variables = z
  .object({
    APP_ID: z.string({ error: APP_ID }).regex(/^\d+$/, APP_ID),
    PRIVATE_KEY: z.string().min(1).optional(),
    PRIVATE_KEY_PATH: z.string().min(1).optional(),
    WEBHOOK_SECRET: z.string({ error: WEBHOOK_SECRET }).min(16, WEBHOOK_SECRET),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    HOST: z.string().min(1).default("127.0.0.1"),
    GITHUB_API_URL: z.url().default("https://api.github.com"),
    GITHUB_SERVER_URL: z.url().default("https://github.com"),
    LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
  })
  .refine(({ PRIVATE_KEY, PRIVATE_KEY_PATH }) => PRIVATE_KEY !== undefined || PRIVATE_KEY_PATH !== undefined, {
    message: "the App's private key, or PRIVATE_KEY_PATH with the path of its file",
    path: ["PRIVATE_KEY"],
    // Also when other variables are wrong, so that all is said at once.
    when: () => true,
  });

export interface Environment {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly port: number;
  readonly host: string;
  /** Of GitHub's REST API, without a slash at the end. */
  readonly apiUrl: string;
  /** Where people look at repositories, without a slash at the end. */
  readonly serverUrl: string;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
}

/**
 * Reads the server's environment, once.
 * @throws Problem "environment-invalid" that names every variable that is missing or wrong
 */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Environment {
  // Compose files and deployment forms set what was left empty to nothing.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = Variables.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
  const { PRIVATE_KEY, PRIVATE_KEY_PATH } = parsed.data;
  return {
    appId: Number(parsed.data.APP_ID),
    // A key in an environment variable often has its line ends written as "\n".
    privateKey: (PRIVATE_KEY ?? readKey(PRIVATE_KEY_PATH ?? "", readFile)).replaceAll("\\n", "\n"),
    webhookSecret: parsed.data.WEBHOOK_SECRET,
    port: parsed.data.PORT,
    host: parsed.data.HOST,
    apiUrl: withoutSlash(parsed.data.GITHUB_API_URL),
    serverUrl: withoutSlash(parsed.data.GITHUB_SERVER_URL),
    logLevel: parsed.data.LOG_LEVEL,
  };
}

function readKey(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw invalid([`PRIVATE_KEY_PATH: the file ${path} cannot be read`], cause);
  }
}

function invalid(faults: readonly string[], cause?: unknown): Problem {
  return new Problem(
    "environment-invalid",
    `The server's environment is not complete: ${faults.join("; ")}.`,
    "Set these variables and start the server again.",
    { cause },
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

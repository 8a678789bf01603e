import { spawn } from "node:child_process";
import { tmpdir } from "node:os";

/** How a program that was only asked something has ended. */
export type BriefResult =
  | { readonly kind: "ended"; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "timed-out" }
  | { readonly kind: "not-started"; readonly why: string };

const MOST_BYTES = 256 * 1024;

/**
 * Asks a program something that takes moments. It gets this environment and no other, no input, and no more time than said: then it
 * is ended with everything that it has started.
 */
export function runBriefly(
  program: string,
  args: readonly string[],
  { env, timeoutMs }: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<BriefResult> {
  return new Promise((resolve) => {
    // Away from the checkout, where a CLI would read the project's own settings.
    const child = spawn(program, args, { cwd: tmpdir(), env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const out = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text: string) => {
        if (out[name].length < MOST_BYTES) out[name] += text.slice(0, MOST_BYTES - out[name].length);
      });
    }
    // Whoever has inherited the pipes may hold them open for ever, so nothing waits for their end.
    const finish = (result: BriefResult) => {
      clearTimeout(timer);
      killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish({ kind: "timed-out" }), timeoutMs);
    child.once("error", (error) => finish({ kind: "not-started", why: error.message }));
    child.once("exit", (code) => {
      const drained = setTimeout(() => finish({ kind: "ended", code, ...out }), 500);
      child.once("close", () => {
        clearTimeout(drained);
        finish({ kind: "ended", code, ...out });
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

const NEEDED =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|XDG_(?:CONFIG|CACHE|DATA|STATE)_HOME|(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i;

/** What a program needs to say who it is, and the variables named beside. */
export function briefEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[] = [],
): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (NEEDED.test(entry[0]) || names.includes(entry[0])),
  );
  return {
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
    ...Object.fromEntries(entries),
  };
}

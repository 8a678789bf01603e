import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { workers } from "../../src/adapters/worker-process.ts";
import type { WorkerSpec } from "../../src/core/task.ts";
import type { WorkerPlace } from "../../src/flows/machine-ports.ts";

const BIN = join(import.meta.dirname, "../fixtures/bin");
const PATH = process.env["PATH"] ?? "";

let directory: string;
let warnings: string[];
const started: { stop(graceMs: number): Promise<void> }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "dispatch-worker-"));
  warnings = [];
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop(0)));
  await rm(directory, { recursive: true, force: true });
});

function workersWith(environment: Readonly<Record<string, string>> = {}) {
  const log = { info: () => undefined, warning: (message: string) => void warnings.push(message) };
  const ours = { PATH: [BIN, PATH].join(delimiter), HOME: directory, ...environment };
  return workers({ environment: ours, helperDir: join(directory, "helper"), log });
}

interface Given {
  readonly args?: readonly string[];
  readonly stdin?: string | null;
  readonly place?: Partial<WorkerPlace>;
}

function start(script: string, { args = [], stdin = null, place = {} }: Given = {}) {
  const lines: string[] = [];
  const worker = workersWith().start(
    { kind: "generic", script, args, stdin, env: {} },
    {
      directory,
      ref: { thread: "1", id: `test-task-${process.pid}` },
      answerTimeout: 10,
      env: [],
      onLine: (line) => lines.push(line),
      ...place,
    },
  );
  started.push(worker);
  return { ...worker, lines };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let nth = 0; !(await condition()); nth++) {
    if (nth > 200) throw new Error("It did not happen.");
    await sleep(25);
  }
}

async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

async function pidsIn(file: string): Promise<number[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean).map(Number);
}

async function namedPidsIn(file: string): Promise<(readonly [string, number])[]> {
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])] as const);
}

describe("a worker", () => {
  it("gets its prompt by standard input and its arguments untouched", async () => {
    const hostile = `'; touch pwned; echo "$(id)" \`id\``;
    const { ended, lines } = start(`cat; printf '%s\\n' "$@"`, { args: [hostile, "-n"], stdin: `${hostile}\n` });
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(lines).toEqual([hostile, hostile, "-n"]);
  });

  it("works in the checkout, where variables of the template count", async () => {
    const { ended, lines } = start(`echo "$(pwd)"; echo "$DISPATCH_TASK_FOLDER"`);
    await ended;
    expect(lines).toEqual([directory, join(directory, `.dispatch/tasks/test-task-${process.pid}`)]);
  });

  it("ends with the code of its command and the last of what it printed on both streams", async () => {
    const { ended } = start(`seq 1 3000; echo "no key" >&2; exit 41`);
    const exit = await ended;
    expect(exit).toMatchObject({ code: 41, signal: null });
    expect(exit.tail).toContain("no key");
    expect(exit.tail).toContain("3000");
    expect(exit.tail.length).toBeLessThanOrEqual(8 * 1024);
    expect(exit.tail).not.toContain("\n17\n");
  });

  it("may end before it has read its prompt", async () => {
    const { ended } = start("exec <&-; exit 3", { stdin: "x".repeat(5_000_000) });
    expect(await ended).toMatchObject({ code: 3 });
  });

  it("has nothing on standard input where it needs nothing", async () => {
    const { ended, lines } = start("cat; echo end");
    await ended;
    expect(lines).toEqual(["end"]);
  });

  it("is read line by line, however it prints", async () => {
    const { ended, lines } = start(
      `printf 'a'; sleep 0.05; printf 'b\\r\\n\\n'; printf '\\303'; sleep 0.05; printf '\\274\\nlast'`,
    );
    await ended;
    expect(lines).toEqual(["ab", "", "ü", "last"]);
  });

  it("cannot fill our memory with one line", async () => {
    const { ended, lines } = start(`head -c 5000000 /dev/zero | tr '\\0' a; echo; echo after`);
    await ended;
    expect(lines.map((line) => line.length)).toEqual([1024 * 1024, 5]);
  });

  it("has ended although something it left behind holds its output open", async () => {
    const before = Date.now();
    const { ended, lines } = start("sleep 20 & echo done");
    expect(await ended).toMatchObject({ code: 0 });
    expect(Date.now() - before).toBeLessThan(5000);
    expect(lines).toEqual(["done"]);
  });

  it("that cannot be started ends as a missing command does", async () => {
    const { ended, stop } = start("true", { place: { directory: join(directory, "nowhere") } });
    expect(await ended).toMatchObject({ code: 127 });
    await stop(0);
  });
});

it("a flood of output costs no more memory than a trickle", async () => {
  global.gc?.();
  const before = process.memoryUsage().rss;
  let most = 0;
  const looking = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  let bytes = 0;
  const onLine = (line: string) => void (bytes += line.length);
  const { ended } = start(
    `yes "$(printf 'x%.0s' $(seq 1000))" | head -c 200000000; yes | tr -d '\\n' | head -c 50000000`,
    {
      place: { onLine },
    },
  );
  await ended;
  clearInterval(looking);
  expect(bytes).toBeGreaterThan(199_000_000);
  expect(most).toBeLessThan(100 * 1024 * 1024);
});

describe("stopping", () => {
  it("asks first", async () => {
    const { ended, stop, lines } = start(`trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done`);
    await until(() => lines.includes("ready"));
    await stop(5000);
    expect(await ended).toMatchObject({ code: 0 });
    expect(lines).toEqual(["ready", "bye"]);
  });

  it("kills what does not listen", async () => {
    const file = join(directory, "pids");
    const { ended, stop } = start(`stubborn ${file}`);
    await until(async () => (await pidsIn(file)).length === 1);
    const before = Date.now();
    await stop(300);
    expect(Date.now() - before).toBeGreaterThanOrEqual(290);
    expect(Date.now() - before).toBeLessThan(3000);
    expect(await ended).toMatchObject({ signal: expect.stringMatching(/^SIG(?:TERM|KILL)$/) });
    for (const pid of await pidsIn(file)) expect(await lives(pid)).toBe(false);
  });

  it.runIf(process.platform === "linux").each([
    { when: "while it runs", then: "stay", escaped: [] },
    // Without its environment and its parent, nothing tells any more whose a process was.
    { when: "after it has ended", then: "end", escaped: ["bare"] },
  ])("reaches sessions of their own $when", async ({ then, escaped }) => {
    const file = join(directory, "pids");
    await writeFile(file, "");
    const { ended, stop, lines } = start(`leaves-others-behind ${file} ${then}`);
    await until(() => lines.includes("ready"));
    if (then === "end") await ended;
    const left: string[] = [];
    await stop(1000);
    await ended;
    for (const [name, pid] of await namedPidsIn(file)) {
      if (!(await lives(pid))) continue;
      left.push(name);
      process.kill(pid, "SIGKILL");
    }
    expect(left).toEqual(escaped);
    expect(warnings).toEqual([]);
  });

  it.each([
    { whose: "another task's", place: { ref: { thread: "1", id: `other-${process.pid}` } } },
    // A machine with several runners: a task's id is its repository's own.
    { whose: "another repository's task of the same id", place: { directory: tmpdir() } },
  ])("leaves $whose worker alone", async ({ place }) => {
    const other = start("echo ready; exec sleep 20", { place });
    const one = start("sleep 20");
    await until(() => other.lines.includes("ready"));
    await one.stop(1000);
    const ended = await Promise.race([other.ended.then(() => true), sleep(200, false)]);
    expect(ended).toBe(false);
  });

  it.runIf(process.platform === "linux")("ends one whose own run was killed, found by its folder alone", async () => {
    const file = join(directory, "pids");
    const { ended, lines } = start(`setsid stubborn ${file} & echo ready; exec sleep 20`);
    await until(async () => lines.includes("ready") && (await pidsIn(file)).length === 1);
    // As the post step does, which has started none of it.
    await workersWith().endLeftBehind(directory, { thread: "1", id: `test-task-${process.pid}` }, 200);
    expect(await ended).toMatchObject({ signal: "SIGTERM" });
    for (const pid of await pidsIn(file)) expect(await lives(pid)).toBe(false);
    expect(warnings).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "ends one whose tools are started anew as often as they are killed",
    async () => {
      const script = join(directory, "hydra");
      const file = join(directory, "pids");
      // Sixty that do not listen, each of which starts its tool anew, in a session of its own, as often as that is killed.
      await writeFile(
        script,
        `#!/bin/bash\ntrap '' TERM\necho $$ >>${file}\nwhile :; do setsid sleep 3 & wait $!; done\n`,
      );
      await chmod(script, 0o755);
      const { stop } = start(`for n in $(seq 60); do setsid ${script} & done; wait`);
      await until(async () => (await pidsIn(file)).length >= 60);
      await stop(100);
      for (const pid of await pidsIn(file)) expect(await lives(pid)).toBe(false);
      expect(warnings).toEqual([]);
    },
  );

  it("is over at once when there is nothing left", async () => {
    const { ended, stop } = start("true");
    await ended;
    const before = Date.now();
    await stop(10_000);
    await stop(10_000);
    expect(Date.now() - before).toBeLessThan(2000);
  });
});

describe("preflight", () => {
  const claude: WorkerSpec = {
    name: "opus",
    model: "opus",
    backend: "claude",
    kind: "claude",
    command: "claude -p --dangerously-skip-permissions",
    role: null,
  };
  const codex: WorkerSpec = {
    ...claude,
    name: "gpt-5.3-codex",
    backend: "codex",
    kind: "codex",
    command: "codex exec",
  };

  beforeEach(async () => {
    await mkdir(join(directory, "clis"));
    for (const name of ["claude", "codex"]) {
      await writeFile(join(directory, "clis", name), "#!/bin/sh\n");
      await chmod(join(directory, "clis", name), 0o755);
    }
  });

  const check = (spec: WorkerSpec, environment: Readonly<Record<string, string>> = {}) =>
    workersWith({ PATH: join(directory, "clis"), ...environment }).preflight(spec);

  it("is content with CLI and key", async () => {
    expect(await check(claude, { ANTHROPIC_API_KEY: "sk-ant-x" })).toBeNull();
    expect(await check(claude, { CLAUDE_CODE_OAUTH_TOKEN: "x" })).toBeNull();
  });

  it("names the CLI that is missing, and how to install it", async () => {
    const problem = await check(claude, { PATH: "/nowhere", ANTHROPIC_API_KEY: "sk-ant-x" });
    expect(problem).toMatchObject({ code: "cli-missing", message: expect.stringContaining("Claude Code (`claude`)") });
    expect(problem?.nextStep).toContain("npm install --global @anthropic-ai/claude-code");
  });

  it("does not take a file that cannot be run for the CLI", async () => {
    await chmod(join(directory, "clis/claude"), 0o644);
    expect(await check(claude, { ANTHROPIC_API_KEY: "sk-ant-x" })).toMatchObject({ code: "cli-missing" });
  });

  it("names the secret that is missing, and the place for it", async () => {
    const problem = await check(claude);
    expect(problem).toMatchObject({ code: "secret-missing", message: expect.stringContaining("`ANTHROPIC_API_KEY`") });
    expect(problem?.nextStep).toContain(`env: { ANTHROPIC_API_KEY: "\${{ secrets.ANTHROPIC_API_KEY }}" }`);
  });

  it("accepts a login that the machine has", async () => {
    await mkdir(join(directory, ".claude"));
    await writeFile(join(directory, ".claude/.credentials.json"), "{}");
    expect(await check(claude)).toBeNull();
  });

  it("says what replaces --full-auto", async () => {
    const problem = await check({ ...codex, command: "codex exec --full-auto -C ." }, { OPENAI_API_KEY: "sk-x" });
    expect(problem).toMatchObject({ code: "cli-outdated", message: expect.stringContaining("--full-auto") });
    expect(problem?.nextStep).toContain("--dangerously-bypass-approvals-and-sandbox");
  });

  it.each([
    { command: "MODE=fast claude -p", code: "fine" },
    { command: `FLAGS="a b" claude -p`, code: "fine" },
    { command: `"$HOME/bin/agent" run`, code: "fine" },
    { command: "./scripts/agent.sh", code: "fine" },
    { command: "cd sub && claude -p", code: "fine" },
    { command: "/nowhere/agent run", code: "cli-missing" },
    { command: "no-such-agent run", code: "cli-missing" },
  ])("of a command of one's own, $command, is $code", async ({ command, code }) => {
    const problem = await check({ ...claude, backend: "own", kind: "generic", command });
    expect(problem?.code ?? "fine").toBe(code);
  });

  it("asks for no key of a provider of one's own", async () => {
    expect(await check({ ...codex, command: "codex exec -c model_provider=mine" })).toBeNull();
    expect(await check(codex)).toMatchObject({ code: "secret-missing" });
  });
});

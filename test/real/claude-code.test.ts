import { beforeAll, describe, expect, it } from "vitest";
import { demoConfig } from "../../src/playground/demo-config.ts";
import { IN_FULL } from "../stories/hostings.ts";
import { World } from "../stories/world.ts";
import { CLAUDE_CODE, installCli } from "./install-cli.ts";
import { type Conversation, conversationOf, type ModelError, ModelServer, type Step } from "./model-server.ts";

const REQUEST = "add a /health endpoint";
const QUESTION = "What should /health return?";
const ANSWER = "Status and uptime, please";
const KEY = "sk-ant-of-no-use-anywhere";
const ITEMS = ["Answer `/health` in `src/server.js`", "Say in `README.md` what it returns"];

/** Whether a prompt arrives whole shows only in a long one. */
const DETAILS = `The balancer's log:\n\n${"GET /health 404\n".repeat(1_200)}That was the last line.`;

let cli = "";
beforeAll(async () => {
  cli = await installCli(CLAUDE_CODE);
}, 300_000);

/** The step has the job's token under these names, and the config wants the worker to have the second. */
const TOKENS = { GITHUB_TOKEN: "${{ github.token }}", COPIED: "${{ github.token }}" };

function startWorld(model: ModelServer, env: Readonly<Record<string, string>> = {}): Promise<World> {
  return World.start({
    config: demoConfig({ backend: "claude", pace: null, env: ["COPIED"] }),
    toolPath: [cli],
    secrets: { ANTHROPIC_API_KEY: KEY },
    workerEnv: { ANTHROPIC_BASE_URL: model.url, ...TOKENS, ...env },
  });
}

/** How this worker reads its files, ticks and asks. */
interface Protocol {
  readonly name: string;
  readonly model: string;
  readonly tick: (folder: string, nth: number) => string;
  /** Prints the answer when it has come. */
  readonly ask: (folder: string) => string;
  readonly end: (folder: string) => string;
}

const protocols: readonly Protocol[] = [
  {
    name: "by the files of its mailbox",
    model: "opus",
    tick: (folder) => `sed -i '0,/^- \\[ \\]/s//- [x]/' ${folder}/plan.md`,
    ask: (folder) => `
      printf '%s\\n\\n- "ok"\\n- The status and the uptime\\n' '${QUESTION}' > ${folder}/question.tmp
      mv ${folder}/question.tmp ${folder}/ipc/001.question
      until [ -e ${folder}/ipc/001.answer ]; do sleep 0.2; done
      cat ${folder}/ipc/001.answer
      touch ${folder}/ipc/001.done`,
    end: (folder) => `touch ${folder}/ipc/.done`,
  },
  {
    name: "by dispatch-worker",
    model: "sonnet",
    tick: (_, nth) => `dispatch-worker tick ${nth} "as asked"`,
    ask: () => `dispatch-worker ask '${QUESTION}' --option '"ok"' --option 'The status and the uptime'`,
    end: () => "true",
  },
];

const LOOK_AROUND = `env; tr '\\0' ' ' < /proc/$PPID/cmdline; echo; git config --list --show-origin`;

/** What the model does. It finds the plan as its prompt says, and knows the answer from the call that waited for it. */
function scriptFor({ tick, ask, end }: Protocol): readonly Step[] {
  const step = (commands: (folder: string, heard: Conversation) => readonly string[]): Step => ({
    run: (heard) => {
      const folder = /^Plan: (\S+)\/plan\.md$/m.exec(heard.prompt)?.[1] ?? "no-plan-in-the-prompt";
      return ["echo claude=$PPID", ...commands(folder, heard)].join("\n");
    },
  });
  return [
    step(() => [LOOK_AROUND]),
    step((folder) => {
      const items = [...ITEMS, `Write a summary to ${folder}/output.md`].map((item) => `- [ ] ${item}`);
      return [`{ head -n 1 ${folder}/plan.md; cat <<'END'; } > ${folder}/new.tmp`, "", ...items, "END"].concat(
        `mv ${folder}/new.tmp ${folder}/plan.md`,
      );
    }),
    step((folder) => [
      `sed -i 's|^  return { status: 404|  if (path === "/health") return { status: 200, type: "text/plain", body: "well" };\\n&|' src/server.js`,
      tick(folder, 1),
    ]),
    step((folder) => [ask(folder)]),
    step((folder, { results }) => {
      const heard = results.at(-1)?.includes(ANSWER) ? ANSWER : "nothing";
      return [`echo '/health returns: ${heard}' >> README.md`, tick(folder, 2)];
    }),
    step((folder) => [
      `echo 'There is a **/health** endpoint now.' > ${folder}/output.md`,
      tick(folder, 3),
      end(folder),
    ]),
    { say: "Everything is done." },
  ];
}

describe.each(protocols)("Claude Code with $model, asking $name", (protocol) => {
  it("plans, works, asks, waits, goes on with the answer, and finishes", { timeout: 60_000 }, async () => {
    await using model = await ModelServer.start(scriptFor(protocol));
    await using world = await startWorld(model);
    await world.say(1, `/dispatch use ${protocol.model} to ${REQUEST}\n\n${DETAILS}`);

    const question = await world.comment(1, "<!-- dispatch:question");
    expect(question.body).toContain("@mona");
    expect(question.body).toContain(QUESTION);
    expect(question.body).toMatch(/- \[ \] The status and the uptime/);
    expect(model.requests.length).toBe(4);
    await world.say(1, ANSWER);
    const result = await world.comment(1, "<!-- dispatch:result");
    await world.quiet();

    expect(result.body).toContain("@mona");
    expect(result.body).toContain("There is a **/health** endpoint now.");
    expect(result.body).toMatch(/\$\d+\.\d\d/);
    expect((await world.runs()).map(({ conclusion }) => conclusion)).toEqual(["success"]);
    expectOneConversation(model, protocol);
    await expectWorkHandedOver(world);
  });
});

/** One process of the model that was asked for, from the whole prompt to the end; its tools see no token of the run. */
function expectOneConversation({ requests, strays, url }: ModelServer, protocol: Protocol): void {
  const last = requests.at(-1);
  if (last === undefined) throw new Error("The model was not asked");
  expect(requests.length).toBe(7);
  expect(strays).toEqual([]);
  expect(requests.map(({ key, session }) => ({ key, session }))).toEqual(
    requests.map(() => ({ key: KEY, session: last.session })),
  );
  for (const { body } of requests) expect(body.model).toMatch(new RegExp(`^claude-${protocol.model}-`));

  const { prompt, results } = conversationOf(last.body);
  expect(new Set(results.map((text) => /^claude=(\d+)$/m.exec(text)?.[1])).size).toBe(1);
  expect(results[3]).toContain(ANSWER);
  expect(prompt).toMatch(/You carry out one task by yourself[\s\S]*Begin now, with the plan\.\s*$/);
  expect(prompt).toContain(`use ${protocol.model} to ${REQUEST}\n\n${DETAILS}\n`);

  const [around = ""] = results;
  expect(around).toMatch(/^claude -p --dangerously-skip-permissions --output-format stream-json --verbose\s*$/m);
  expect(around).toContain(`\nANTHROPIC_BASE_URL=${url}\n`);
  expect(around).not.toMatch(/^(?:GITHUB_TOKEN|COPIED|ACTIONS_\w+|RUNNER_\w+|INPUT_[^=]*|STATE_[^=]*)=/m);
  expect(JSON.stringify(last.body)).not.toMatch(/gh[ps]_\w{20}/);
}

async function expectWorkHandedOver(world: World): Promise<void> {
  const [branch = ""] = await world.branches("dispatch/tasks/1/");
  const id = branch.replace("dispatch/tasks/1/", "");
  expect(await world.file(branch, `.dispatch/tasks/${id}/plan.md`)).not.toMatch(/^- \[[ ?!]\]/m);

  const [pull] = (await world.pulls()).filter(({ head }) => head.ref === `dispatch/${id}`);
  expect(pull).toMatchObject({ draft: false, base: { ref: "main" } });
  expect(await world.subjects(`dispatch/${id}`)).toEqual(ITEMS);
  const work = await world.clone(`dispatch/${id}`);
  expect(await world.git(work, "ls-files")).not.toContain(".dispatch/");
  expect(await world.git(work, "show", "--name-only", "--format=", "HEAD~1")).toBe("src/server.js\n");
  expect(await world.git(work, "show", "HEAD:README.md")).toContain(`/health returns: ${ANSWER}`);
}

const refusals: readonly { readonly error: ModelError; readonly words: string }[] = [
  {
    error: { status: 401, type: "authentication_error", message: "invalid x-api-key" },
    words: "did not accept the key",
  },
  {
    error: { status: 400, type: "invalid_request_error", message: "Your credit balance is too low" },
    words: "has no credit or quota left",
  },
  {
    error: { status: 404, type: "not_found_error", message: "model: claude-opus-5-5" },
    words: "does not know this model",
  },
  { error: { status: 529, type: "overloaded_error", message: "Overloaded" }, words: "was overloaded" },
  { error: { status: 500, type: "api_error", message: "Internal server error" }, words: "was overloaded" },
];

describe("when the provider refuses", () => {
  // What each refusal means is tested without the CLI; here one shows that the CLI's words arrive.
  it.each(IN_FULL ? refusals : refusals.slice(0, 1))(
    "with $error.status, the ending says that it $words",
    { timeout: 30_000 },
    async ({ error, words }) => {
      await using model = await ModelServer.start([{ say: "Everything is done." }]);
      model.fail(error);
      await using world = await startWorld(model, { CLAUDE_CODE_MAX_RETRIES: "0" });
      await world.say(1, `/dispatch use opus to ${REQUEST}`);
      const result = await world.comment(1, "<!-- dispatch:result");
      await world.quiet();
      expect(model.requests.length).toBeGreaterThan(0);
      expect(result.body).toContain("@mona");
      expect(result.body).toContain(words);
      expect(result.body).not.toContain("$");
      expect(result.body).toMatch(/- \[ \] Retry/);
      expect(result.body).not.toContain(KEY);
      expect((await world.runs()).map(({ conclusion }) => conclusion)).toEqual(["failure"]);
    },
  );
});

import "../seed.ts";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { addedCommands, findCommands, readCommand } from "../../src/core/command.ts";
import { readConfig } from "../../src/core/config.ts";
import { renderConfigForms } from "../../src/core/config-text.ts";
import type { Conversation } from "../../src/core/conversation.ts";
import { readDecision } from "../../src/core/decision.ts";
import { readParts } from "../../src/core/fan-out.ts";
import { newTask, PLAIN_REQUEST } from "../../src/core/new-task.ts";
import { parsePlan } from "../../src/core/plan.ts";
import { Problem } from "../../src/core/problem.ts";
import { workerPrompt } from "../../src/core/prompt.ts";
import { readQuestion, readReply } from "../../src/core/question.ts";
import { renderStatus } from "../../src/core/status-comment.ts";
import { taskRef } from "../../src/core/task.ts";
import {
  renderProblem,
  renderQuestion,
  renderUnclear,
  renderWhichQuestion,
  renderWhichTask,
} from "../../src/core/thread-text.ts";
import { PLAN_URL, REF, RUN, sampleTask } from "../core/sample-task.ts";
import { IN_FULL } from "../stories/hostings.ts";
import { expectHarmless } from "./harmless.ts";
import { HOSTILE_LINE, HOSTILE_TEXT } from "./hostile-text.ts";

/** How many comments that command something, and how many that answer. */
const COMMANDS = IN_FULL ? 20_000 : 200;
const REPLIES = IN_FULL ? 15_000 : 300;

const MARK = "<!-- dispatch:reply 5 abcd0 -->";
const AT = "2026-11-20T10:00:00Z";
const MONA = { login: "mona", id: 1 };
const TRIGGER = { kind: "comment", id: 5, url: "https://github.com/octo-org/hello/issues/1#issuecomment-5" } as const;
const SELF = ["dispatch[bot]"];
const CONFIG = readConfig(null);
const KNOWN = { taskIds: ["add-health-endpoint-7k2q"], names: (text: string) => /\bopus\b/.test(text) };

const VERB = fc.constantFrom(
  ..."|plan |status |note add |answer 001 |cancel |retry with |skip |config |use opus to |after add |add ".split("|"),
);
const COMMAND = fc.tuple(VERB, HOSTILE_TEXT).map(([verb, text]) => `/dispatch ${verb}${text}`);
const COMMENT = fc.array(fc.oneof({ weight: 2, arbitrary: COMMAND }, HOSTILE_TEXT), { minLength: 1, maxLength: 3 });

function conversation(title: string, body: string): Conversation {
  const remark = { author: "octocat", body, createdAt: "2026-11-20T09:00:00Z", editedAt: null, place: null };
  const topic = { title, body, editedAt: null, author: "octocat", open: true, pull: null, remarks: [remark] };
  return { defaultBranch: "main", config: null, configFrom: null, setup: null, topic };
}

let cases = 0;
afterAll(() => console.info(`Hostile comments: ${cases} cases; none got out.`));

/** A Problem is an answer to the comment; anything else is a bug. */
function orProblem<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expectHarmless(renderProblem(MARK, error));
    return null;
  }
}

it("whatever a comment commands, it is heard or refused, and its words do nothing on GitHub", () => {
  fc.assert(
    fc.property(COMMENT, HOSTILE_LINE, HOSTILE_TEXT, (lines, title, others) => {
      cases += 1;
      const body = lines.join("\n");
      const commands = findCommands(body);
      expect(addedCommands(body, body)).toEqual([]);
      const tasks = commands.flatMap((command) => {
        const read = readCommand(command.text, KNOWN.taskIds);
        if (read.kind === "config") expectHarmless(renderConfigForms(MARK, command.text));
        if (read.kind === "unclear") expectHarmless(renderUnclear(MARK, read.prefix));
        return read.kind === "task" ? [{ ...command, ...read }] : [];
      });
      const parts = orProblem(() => readParts(tasks, KNOWN)) ?? [];
      for (const part of parts.slice(0, 2)) {
        const request = {
          ...PLAIN_REQUEST,
          ...part,
          after: [],
          thread: { kind: "issue", number: 1 },
          trigger: TRIGGER,
          by: MONA,
          at: AT,
        } as const;
        const made = orProblem(() => newTask(request, conversation(title, others), { config: CONFIG, self: SELF }));
        if (made === null) continue;
        const { task, files } = made;
        const plan = parsePlan(files["plan.md"] ?? "");
        expect(task.id).toMatch(/^[a-z0-9][a-z0-9-]{0,79}$/);
        const links = { run: null, plan: PLAN_URL, pullRequest: null };
        expectHarmless(renderStatus({ task, plan, now: AT, doing: null, usage: null, warnings: [], links }));
        expectHarmless(
          renderWhichTask(MARK, {
            verb: "cancel",
            tasks: [task, sampleTask(task.state)],
            source: TRIGGER,
            key: "abcd0",
          }),
        );
        const { "request.md": asked = "", "thread.md": thread = "" } = files;
        const prompt = workerPrompt({ task, plan, request: asked, thread, resume: null });
        // Linux starts no process with a longer argument.
        expect(Buffer.byteLength(prompt)).toBeLessThan(128 * 1024);
        expect(taskRef(task)).toEqual({ thread: "1", id: task.id });
      }
    }),
    { numRuns: COMMANDS },
  );
}, 600_000);

it("whatever a reply says, it is an answer or none, and its words do nothing on GitHub", () => {
  fc.assert(
    fc.property(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, (body, asked, other) => {
      cases += 1;
      const questions = [readQuestion("001", asked), readQuestion("002", other)];
      const open = questions.map((question) => ({
        ref: REF,
        question,
        requester: "mona",
        askedAt: AT,
        commentUrl: null,
      }));
      const reply = { by: "mona", body, at: "2026-11-20T10:01:00Z" };
      readDecision(body, () => true);
      for (const among of [open.slice(0, 1), open]) {
        const reading = readReply(reply, among);
        if (reading.kind === "not-an-answer") continue;
        expect(reading.text.trim()).not.toBe("");
        const task = sampleTask({ kind: "running", run: RUN }, { pullRequest: null });
        const question = reading.kind === "answer" ? reading.to.question : questions[0];
        if (question === undefined) continue;
        const state = { kind: "answered", by: "hubot", text: reading.text } as const;
        expectHarmless(renderQuestion({ task, ref: REF, question, planUrl: PLAN_URL, state }));
        if (reading.kind === "which")
          expectHarmless(renderWhichQuestion(MARK, { ...reading, by: "mona", source: TRIGGER }));
      }
    }),
    { numRuns: REPLIES },
  );
}, 600_000);

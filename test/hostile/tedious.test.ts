import process from "node:process";
import { describe, expect, it } from "vitest";
import { findCommands, readCommand } from "../../src/core/command.ts";
import { readConfig } from "../../src/core/config.ts";
import { readConfigRequest } from "../../src/core/config-request.ts";
import { readTick } from "../../src/core/control.ts";
import { readDecision } from "../../src/core/decision.ts";
import { wantsWorktree } from "../../src/core/directive.ts";
import { readParts } from "../../src/core/fan-out.ts";
import { logText } from "../../src/core/log-text.ts";
import { readMark } from "../../src/core/marker.ts";
import { maskSecrets } from "../../src/core/mask-secrets.ts";
import { resolveWorker } from "../../src/core/model.ts";
import { causeOfText } from "../../src/core/outcome.ts";
import { acceptPlan, firstPlan, parsePlan, renderPlan } from "../../src/core/plan.ts";
import { Problem } from "../../src/core/problem.ts";
import { resolvesIssue } from "../../src/core/pull-request-text.ts";
import { readQuestion, readReply } from "../../src/core/question.ts";
import { readReview } from "../../src/core/review.ts";
import { commitLine, plainLine, quoted, workerText } from "../../src/core/safe-text.ts";
import { taskId, taskTitle } from "../../src/core/task-id.ts";
import { fenced, visibleWords } from "../../src/core/thread-context.ts";
import { readWorkerEvent } from "../../src/core/worker-event.ts";
import { REF } from "../core/sample-task.ts";
import { IN_FULL } from "../stories/hostings.ts";
import { TEDIOUS } from "./hostile-text.ts";

/** The longest comment that GitHub takes. */
const LENGTH = 65_536;
/** What is linear takes a tenth of this on a machine that has nothing else to do; what is not takes minutes. */
const MOST_MS = 1_000;

const CONFIG = readConfig(null);
const AT = "2026-11-20T10:00:00Z";
const KNOWN = { taskIds: ["add-health-endpoint-7k2q"], names: (text: string) => resolveWorker(text, CONFIG).named };
const OPEN = [
  {
    ref: REF,
    question: { number: "001", text: "Which?", options: ["a", "b"] },
    requester: "mona",
    askedAt: AT,
    commentUrl: null,
  },
];

/** Everything that reads a text of somebody's whole. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  findCommands: (text) => findCommands(`/dispatch ${text}`),
  readCommand: (text) => readCommand(text, KNOWN.taskIds),
  readParts: (text) => readParts([{ text, nth: 0, planFirst: false }], KNOWN),
  readConfigRequest,
  resolveWorker: (text) => resolveWorker(text, CONFIG),
  wantsWorktree: (text) => wantsWorktree(text),
  resolvesIssue: (text) => resolvesIssue(text, 1),
  taskId: (text) => taskId(text, "seed"),
  taskTitle,
  firstPlan: (text) => firstPlan({ title: "A", request: text, taskFolder: ".dispatch/tasks/a" }),
  plan: (text) => renderPlan(parsePlan(text)),
  acceptPlan: (text) => acceptPlan(parsePlan(text), `${text}\n- [ ] b`),
  readQuestion: (text) => readQuestion("001", text),
  readReply: (body) => readReply({ by: "mona", body, at: "2026-11-20T10:01:00Z" }, OPEN),
  readDecision: (text) => readDecision(text, () => false),
  readReview,
  readTick: (text) => readTick(text, `${text}x`),
  readMark,
  causeOfText,
  workerText: (text) => workerText(text, 40_000),
  plainLine: (text) => plainLine(text, 500),
  commitLine: (text) => commitLine(text),
  quoted,
  fenced: (text) => fenced(visibleWords(text)),
  maskSecrets: (text) => maskSecrets(text, ["s3cr3t-value-of-mine"]),
  logText,
  readWorkerEvent: (text) => readWorkerEvent("generic", text),
};

/** Of this thread alone, and the best of a few: whatever else the machine does must not count. */
function cpuMs(act: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 4 && best > MOST_MS; tries += 1) {
    const before = process.threadCpuUsage();
    try {
      act();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

const UNITS = IN_FULL ? TEDIOUS : TEDIOUS.filter((_, index) => index % 16 === 0);

describe("a text made to be slow", () => {
  it.each(Object.entries(READERS))(
    "is read by %s in no time",
    (_, read) => {
      const slow = UNITS.flatMap((unit) => {
        const text = unit.repeat(Math.ceil(LENGTH / unit.length)).slice(0, LENGTH);
        const took = cpuMs(() => read(text));
        return took > MOST_MS ? [`${JSON.stringify(unit)}: ${Math.round(took)} ms`] : [];
      });
      expect(slow).toEqual([]);
    },
    120_000,
  );
});

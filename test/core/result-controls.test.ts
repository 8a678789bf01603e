import { describe, expect, it } from "vitest";
import { readTick } from "../../src/core/control.ts";
import { parsePlan } from "../../src/core/plan.ts";
import { resultControls } from "../../src/core/result-controls.ts";
import { Cause, type Task, type TaskState } from "../../src/core/task.ts";
import { CANCELLED, DONE, ID, REF, RUN, SAMPLE_PLAN, sampleTask } from "./sample-task.ts";

const UNTOUCHED = parsePlan("# T\n- [ ] a\n- [ ] b\n");
const failed = (cause: Cause): TaskState => ({
  kind: "finished",
  run: RUN,
  at: "2026-11-20T10:07:00Z",
  outcome: { kind: "failed", cause, sentence: "It failed.", nextStep: "Retry." },
});
const names = (...all: string[]) => ({ settings: { ...sampleTask(DONE).settings, names: all } });

/** What the boxes say, and what they do. */
const boxes = (state: TaskState, more: Partial<Task> = {}, plan = SAMPLE_PLAN) =>
  resultControls(sampleTask(state, more), plan).map((line) =>
    line.replace(/^- \[ \] | -->$/g, "").replace(`1/${ID}`, "…"),
  );

const RETRY = "Retry what is left <!-- dispatch:do retry …";
const WITH_SONNET = "Retry with `sonnet` <!-- dispatch:do retry … sonnet";
const DEFAULT_SONNET = "Retry with `sonnet`, and make it the default <!-- dispatch:do retry-default … sonnet";
const REMOVE_OPUS = "Remove `opus` from the config <!-- dispatch:do config remove opus";
const SKIP = "Skip this step, and go on with the rest <!-- dispatch:do skip …";

describe("what can be done about a task that failed", () => {
  it.each<{ cause: Cause; offers: readonly string[] }>([
    { cause: "item-error", offers: [RETRY, SKIP, WITH_SONNET] },
    { cause: "items-left", offers: [RETRY] },
    { cause: "nothing-done", offers: [RETRY, WITH_SONNET] },
    { cause: "cli-missing", offers: [RETRY, WITH_SONNET, DEFAULT_SONNET, REMOVE_OPUS] },
    { cause: "cli-outdated", offers: [RETRY, WITH_SONNET] },
    { cause: "secret-missing", offers: [RETRY, WITH_SONNET, DEFAULT_SONNET, REMOVE_OPUS] },
    { cause: "auth", offers: [RETRY, WITH_SONNET, DEFAULT_SONNET, REMOVE_OPUS] },
    { cause: "quota", offers: [RETRY, WITH_SONNET, DEFAULT_SONNET, REMOVE_OPUS] },
    { cause: "overloaded", offers: [RETRY, WITH_SONNET] },
    { cause: "model-unknown", offers: [RETRY, WITH_SONNET, DEFAULT_SONNET, REMOVE_OPUS] },
    { cause: "network", offers: [RETRY] },
    { cause: "crashed", offers: [RETRY] },
    { cause: "timeout", offers: [RETRY] },
    { cause: "budget", offers: [RETRY] },
    { cause: "push-refused", offers: [RETRY] },
    { cause: "not-started", offers: [RETRY] },
    { cause: "dependency", offers: [RETRY] },
    { cause: "run-died", offers: [RETRY] },
  ])("by $cause", ({ cause, offers }) => {
    expect(boxes(failed(cause))).toEqual(offers);
  });

  it("is known for every cause: a retry is always one of them, and comes first", () => {
    for (const cause of Cause.options) expect(boxes(failed(cause))[0], cause).toBe(RETRY);
  });

  it("speaks of what is left only where something is done", () => {
    expect(boxes(failed("crashed"), {}, UNTOUCHED)).toEqual(["Retry <!-- dispatch:do retry …"]);
  });

  it("offers at most three other models, and never the same again", () => {
    expect(boxes(failed("overloaded"), names("a", "opus", "b", "c", "d"))).toEqual([
      RETRY,
      ..."abc".split("").map((name) => `Retry with \`${name}\` <!-- dispatch:do retry … ${name}`),
    ]);
  });

  it.each([
    { what: "the only model", settings: names("opus") },
    { what: "a model that the config does not have", settings: names("sonnet", "haiku") },
    { what: "what nobody has listed", settings: names() },
  ])("does not offer to remove $what", ({ settings }) => {
    expect(boxes(failed("quota"), settings).join()).not.toContain("Remove");
  });

  it("offers to mend a command that Codex does not know any more", () => {
    const worker = { name: "codex", model: null, backend: "codex", kind: "codex", role: null } as const;
    const mend = "Mend the command in the config <!-- dispatch:do config mend-codex";
    const outdated = { worker: { ...worker, command: "codex exec --full-auto" } };
    expect(boxes(failed("cli-outdated"), outdated)).toContain(mend);
    expect(boxes(failed("cli-outdated"), { worker: { ...worker, command: "codex exec" } })).not.toContain(mend);
    expect(boxes(failed("auth"), outdated)).not.toContain(mend);
  });
});

it("offers nothing about a task that is done or not over, or was a look at the set-up", () => {
  const states: readonly TaskState[] = [DONE, { kind: "running", run: RUN }, { kind: "queued", since: "" }];
  for (const state of states) expect(boxes(state)).toEqual([]);
  expect(boxes(failed("cli-missing"), { kind: "doctor" })).toEqual([]);
});

it("offers a cancelled task its retry", () => {
  expect(boxes(CANCELLED)).toEqual([RETRY]);
});

it("has boxes that do what they say", () => {
  const body = resultControls(sampleTask(failed("auth")), SAMPLE_PLAN).join("\n");
  const ticks = body.split("\n").map((line) => readTick(body, body.replace(line, line.replace("[ ]", "[x]"))));
  expect(ticks).toEqual([
    { kind: "retry", ref: REF, model: null, makeDefault: false },
    { kind: "retry", ref: REF, model: "sonnet", makeDefault: false },
    { kind: "retry", ref: REF, model: "sonnet", makeDefault: true },
    { kind: "config", change: { kind: "remove", name: "opus" } },
  ]);
});

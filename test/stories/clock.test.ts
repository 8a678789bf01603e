import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { demoWorkflow } from "../../src/playground/demo-config.ts";
import { type Hosting, IN_FULL } from "./hostings.ts";
import { HELLO, World } from "./world.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const SHIFTED = pathToFileURL(join(import.meta.dirname, "../fixtures/shifted-clock.mjs"));
const MINUTE = 60_000;

/** The ready-made workflow on runners whose clock is wrong. */
async function workflow(hosting: Hosting, ahead: number): Promise<string> {
  const text = await demoWorkflow(PROJECT, { hosting, secrets: [], env: {} });
  return `env:\n  NODE_OPTIONS: --import=${SHIFTED.href}?ms=${ahead}\n${text}`;
}

// A wrong clock changes nothing that anybody would see. Unit tests tell it in the quick gate.
describe.runIf(IN_FULL).each([
  { hosting: "action" as const, ahead: 10 * MINUTE },
  { hosting: "action" as const, ahead: -10 * MINUTE },
  { hosting: "server" as const, ahead: 10 * MINUTE },
  { hosting: "server" as const, ahead: -10 * MINUTE },
])("runners whose clock is wrong by $ahead ms (%j)", ({ hosting, ahead }) => {
  it("ask, hear, end, and say everything once", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, workflow: await workflow(hosting, ahead) });
    const { faults } = world.playground.github;
    // The reply to each first comment of a kind is lost: it is found again by GitHub's time.
    const match = { method: "POST", path: /\/issues\/\d+\/comments$/, tokenKind: "job" as const };
    faults.order({ match, times: 2, then: "drop-after-effect" });
    await world.say(1, "/dispatch use opus to add a /health endpoint");
    const question = await world.comment(1, "<!-- dispatch:question");
    const asked = await world.as("mona").issues.getComment({ ...HELLO, comment_id: question.id });
    const id = await world.task(1);
    const record = await world.taskFile(1, id, "task.yaml");
    const askedAt = Date.parse(/askedAt: (\S+)\n\s+comment/.exec(record)?.[1] ?? "");
    expect(Math.abs(askedAt - Date.parse(asked.data.created_at))).toBeLessThan(15_000);
    await world.say(1, "Status and uptime");
    const result = await world.comment(1, "<!-- dispatch:result");
    expect(result.body).toContain("✅");
    await world.quiet();
    const ours = (await world.comments(1)).flatMap(({ body }) => /^<!-- dispatch:(\w+)/.exec(body)?.[1] ?? []);
    expect(ours.toSorted()).toEqual(["question", "result", "status"]);
    expect(result.body).not.toMatch(/\d{2,} min/);
  });
});

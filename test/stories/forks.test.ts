import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toldBy } from "./hostings.ts";
import { HELLO, World } from "./world.ts";

const FORK = 3;
const CONFIG = `default: critic
confirm_default: false
isolation: none
forks: read-only
env: [FURTHER_WORDS]
backends:
  critic: { command: looks-only }
models:
  critic: { backend: critic }
`;

describe.each(toldBy("server"))("a fork's pull request (%s)", (hosting) => {
  it("is refused by default, with the reason and the way out", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting });
    await world.say(FORK, "/dispatch use opus to fix it");
    const reply = await world.comment(FORK, "<!-- dispatch:reply");
    expect(reply.body).toContain("This pull request comes from a fork");
    expect(reply.body).toContain("`forks: read-only`");
    expect(await world.branches("dispatch/")).toEqual([]);
  });

  it.each(["review this", "review this in a worktree"])(
    "where the config lets it be read, is reported on, and nothing is pushed: %s",
    { timeout: 180_000 },
    async (words) => {
      await using world = await World.start({
        hosting,
        config: CONFIG,
        toolPath: [join(import.meta.dirname, "../fixtures/workers")],
        workerEnv: { FURTHER_WORDS: "for the trusted" },
      });
      const mona = world.as("mona");
      const heads = async () =>
        (await mona.pulls.list({ ...HELLO, state: "all" })).data.map(({ number, head }) => [number, head.sha]);
      const before = await heads();

      await world.say(FORK, `/dispatch ${words}\n\n- Look at it\n- Write it down`);
      const result = await world.comment(FORK, "<!-- dispatch:result");
      expect(result.body).toContain("✅");
      expect(result.body).toContain("Nothing was pushed: the pull request is from a fork, which is only read.");
      expect(result.body).toContain("The license says: Do with this what you like.");
      expect(result.body).toContain("A further variable: none.");
      expect(result.body).toContain("this is read-only: report, do not change anything");

      const [review] = await world.eventually("the review", async () => {
        const { data } = await mona.pulls.listReviewComments({ ...HELLO, pull_number: FORK });
        return data.length > 0 && data;
      });
      expect(review).toMatchObject({ path: "LICENSE", line: 1, body: "This is no license that courts know." });

      await world.quiet();
      expect((await world.branches("dispatch/")).filter((name) => !name.startsWith("dispatch/tasks/"))).toEqual([]);
      expect(await heads()).toEqual(before);
    },
  );
});

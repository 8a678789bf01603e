import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toldBy } from "./hostings.ts";
import { HELLO, World } from "./world.ts";

const WORKERS = join(import.meta.dirname, "../fixtures/workers");
const CONFIG = `default: critic
confirm_default: false
isolation: none
backends:
  critic: { command: reviews }
models:
  critic: { backend: critic }
`;

describe.each(toldBy("server"))("a task that reviews a pull request (%s)", (hosting) => {
  it("leaves one review, with comments and suggestions at their lines", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, config: CONFIG, toolPath: [WORKERS] });
    await world.say(2, "/dispatch review this\n\n- Look at it");
    await world.comment(2, "<!-- dispatch:result");
    const mona = world.as("mona");
    const [review, ...others] = await world.eventually("the review", async () => {
      const { data } = await mona.pulls.listReviews({ ...HELLO, pull_number: 2 });
      return data.length > 0 && data;
    });
    expect(others).toEqual([]);
    expect(review).toMatchObject({ state: "COMMENTED", user: { login: "github-actions[bot]" } });
    expect(review?.body).toMatch(/^<!-- dispatch:review 2\/\S+ 1 -->\nThree remarks, `@hubot`\./);
    expect(review?.body).toContain("**`src/server.js:1`**\n\nThis greets nobody yet.");
    const { data } = await mona.pulls.listReviewComments({ ...HELLO, pull_number: 2 });
    expect(data).toMatchObject([
      {
        path: "docs/greeting.md",
        line: 3,
        body: "Say who is greeted.\n\n```suggestion\nThe server should say “Hello, Mona!”.\n```",
      },
      { path: "docs/greeting.md", line: 3, start_line: 1, body: "The heading says too little." },
    ]);
    await world.quiet();
    expect(await world.tasks(2)).toHaveLength(1);
  });

  it("says it all in the review's text where GitHub takes no comments", { timeout: 180_000 }, async () => {
    await using world = await World.start({ hosting, config: CONFIG, toolPath: [WORKERS] });
    const match = { method: "POST", path: /\/pulls\/2\/reviews$/ };
    world.playground.github.faults.order({ match, times: 1, then: { status: 422 } });
    await world.say(2, "/dispatch review this\n\n- Look at it");
    const [review] = await world.eventually("the review", async () => {
      const { data } = await world.as("mona").pulls.listReviews({ ...HELLO, pull_number: 2 });
      return data.length > 0 && data;
    });
    expect(review?.body).toContain("**`docs/greeting.md:1-3`**\n\nThe heading says too little.");
    expect((await world.as("mona").pulls.listReviewComments({ ...HELLO, pull_number: 2 })).data).toEqual([]);
  });
});

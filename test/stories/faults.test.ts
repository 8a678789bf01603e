import { describe, expect, it } from "vitest";
import type { Call, FaultMatch } from "../../src/playground/github/faults.ts";
import { toldBy } from "./hostings.ts";
import { World } from "./world.ts";

const COMMAND = "/dispatch use opus to add a /health endpoint";

/** A sort of API call: who makes it, and what it asks for, whatever the numbers in it. */
interface Kind {
  readonly name: string;
  readonly match: FaultMatch;
}

async function tellStory(world: World): Promise<void> {
  await world.say(1, COMMAND);
  await world.comment(1, "<!-- dispatch:question", 60_000);
  await world.say(1, "Status and uptime");
  const result = await world.comment(1, "<!-- dispatch:result", 90_000);
  expect(result.body).toContain("✅");
  await world.quiet();
  const kinds = (await world.comments(1)).flatMap(({ body }) => /^<!-- dispatch:(\w+)/.exec(body)?.[1] ?? []);
  expect(kinds.sort()).toEqual(["question", "result", "status"]);
  const [status] = (await world.comments(1)).filter(({ body }) => body.startsWith("<!-- dispatch:status"));
  expect(status?.body).toContain("**Done**");
  expect(await world.branches("dispatch/tasks/")).toHaveLength(1);
  const own = (await world.pulls()).filter(({ head }) => head.ref.startsWith("dispatch/"));
  expect(own.map(({ draft }) => draft)).toEqual([false]);
  expect(await world.labels(1)).not.toContain("dispatch: waiting");
  const logs = await Promise.all((await world.runs()).map(({ id }) => world.log(id)));
  expect(logs.filter((log) => /demo worker \d+ works/i.test(log))).toHaveLength(1);
}

/** Every sort of call that Dispatch makes while the story is told. Git's own requests are git's to repeat. */
function kindsOf(calls: readonly Call[]): readonly Kind[] {
  const kinds = calls
    .filter(
      ({ tokenKind, path }) =>
        (tokenKind === "installation" || tokenKind === "job" || tokenKind === "app") && !path.includes(".git/"),
    )
    .map(kindOf);
  return [...new Map(kinds.map((kind) => [kind.name, kind])).values()];
}

function kindOf({ method, path, graphql, tokenKind }: Call): Kind {
  if (graphql !== null) {
    const field =
      /\b(createCommitOnBranch|markPullRequestReadyForReview|issueOrPullRequest|refs\(|ref\(|addReaction)/.exec(
        graphql,
      );
    const word = field?.[1] ?? "repository";
    const escaped = word.replace("(", "\\(");
    return { name: `${tokenKind} graphql ${word}`, match: { graphql: new RegExp(escaped), tokenKind } };
  }
  const pattern = path
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/(?<=\/)[0-9a-f]{40}(?=\/|$)/g, "[0-9a-f]{40}")
    .replace(/(?<=\/)\d+(?=\/|$)/g, "\\d+")
    .replace(/add-health-endpoint-[a-z0-9]{4}/g, "[^/]+");
  return { name: `${tokenKind} ${method} ${pattern}`, match: { method, path: new RegExp(`^${pattern}$`), tokenKind } };
}

describe.each(toldBy("server"))("a GitHub that fails now and then (%s)", (hosting) => {
  it("does not spoil the story when the first call of every kind fails", { timeout: 240_000 }, async () => {
    const kinds = await rehearse(hosting);
    expect(kinds.length).toBeGreaterThan(12);
    await using world = await World.start({ hosting });
    for (const { match } of kinds) world.playground.github.faults.order({ match, times: 1, then: { status: 500 } });
    await tellStory(world);
    expect(world.playground.github.faults.pending).toBeLessThan(kinds.length / 3);
  });
});

/** Tells the story once on a good day, to see which calls it makes. */
async function rehearse(hosting: "server" | "action"): Promise<readonly Kind[]> {
  await using world = await World.start({ hosting });
  const from = world.playground.github.calls.length;
  await tellStory(world);
  return kindsOf(world.playground.github.calls.slice(from));
}

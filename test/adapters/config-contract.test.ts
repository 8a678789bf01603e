import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { githubConfigProposals } from "../../src/adapters/github-config-proposals.ts";
import { githubConversations } from "../../src/adapters/github-conversation.ts";
import { changeConfig, proposeConfig } from "../../src/flows/change-config.ts";
import { HELLO, type Playground, startPlayground } from "../playground/github-fixture.ts";

// Changes of the config, told by the local GitHub instead of by recorded replies.

let playground: Playground;

beforeAll(async () => {
  playground = await startPlayground({ git: "memory" });
});
afterAll(() => playground.end());

/** What one delivery has; each of them is a process of its own as far as this is concerned. */
function ports() {
  const clock = { now: () => new Date(), random: Math.random, sleep: () => pause(1) };
  const access = { api: playground.as("hubot"), ...HELLO, clock, self: ["hubot"] };
  const repository = { server: "https://github.com", ...HELLO };
  return {
    proposals: githubConfigProposals({ ...access, repository }),
    conversations: githubConversations(access),
  };
}

const add = (name: string) => [{ kind: "add-model", name, backend: null } as const];
const asked = { by: "mona", thread: { kind: "issue", number: 1 } } as const;

async function proposed(): Promise<string> {
  const { text } = await ports().proposals.read();
  return text ?? "";
}

async function pullRequests() {
  const { data } = await playground.as("mona").rest.pulls.list({ ...HELLO, state: "all" });
  return data.map(({ number, state, body, head }) => ({ number, state, body, branch: head.ref }));
}

it("several people at once change one file in one pull request, and no change is lost", async () => {
  const names = ["gpt-5.1", "gpt-5.2", "gpt-5.3"];
  const all = await Promise.all(names.map((name) => changeConfig(add(name), asked, ports())));
  const [first] = await pullRequests();
  expect(all.map(({ number }) => number)).toEqual(names.map(() => first?.number));
  const text = await proposed();
  for (const name of names) expect(text).toContain(`  ${name}: { backend: codex }\n`);
  expect(await pullRequests()).toHaveLength(1);
  expect(first?.branch).toBe("dispatch/config");
});

it("asking again changes nothing, and says where it waits to be merged", async () => {
  const before = await pullRequests();
  const again = await changeConfig(add("gpt-5.3"), asked, ports());
  expect(again).toMatchObject({ said: ["`gpt-5.3` is in the config already."], number: before[0]?.number });
  expect(await pullRequests()).toEqual(before);
});

it("a further change joins it, and its words keep the earlier ones", async () => {
  await changeConfig([{ kind: "set-default", name: "gpt-5.3" }], { by: "hubot", thread: null }, ports());
  const [pull] = await pullRequests();
  expect(pull?.body).toMatch(/`gpt-5\.3` is added, and runs on codex\. \(\*\*mona\*\*, #1\)/);
  expect(pull?.body).toMatch(/`gpt-5\.3` is the default now, instead of `opus`\. \(\*\*hubot\*\*\)$/);
});

it("once it is merged, the file counts, and the next change begins anew", async () => {
  const [pull] = await pullRequests();
  const number = pull?.number ?? 0;
  await playground.as("mona").rest.pulls.merge({ ...HELLO, pull_number: number, merge_method: "squash" });
  const merged = await ports().conversations.read(null);
  expect(merged).toMatchObject({ configFrom: "repository", config: expect.stringContaining("default: gpt-5.3") });
  expect(await changeConfig(add("gpt-5.3"), asked, ports())).toMatchObject({ url: null, number: null });
  const next = await changeConfig(add("gemini-3-pro"), asked, ports());
  expect(next.number).toBeGreaterThan(number);
  const { data } = await playground.as("mona").rest.pulls.listCommits({ ...HELLO, pull_number: next.number ?? 0 });
  expect(data.map(({ commit }) => commit.message)).toEqual([
    "Dispatch config: gemini-3-pro is added, and runs on cursor",
  ]);
});

it("a first config is proposed only where there is none", async () => {
  expect(await proposeConfig("default: opus\n", asked, ports())).toMatchObject({ url: null, number: null });
});

it("a first file of the repository's own starts as the organisation's", async () => {
  const other = await playground.github.addRepository({
    owner: "octo-org",
    name: ".github",
    files: { ".github/dispatch.yml": "# Ours\ndefault: haiku\n" },
    collaborators: { hubot: "write" },
  });
  const fresh = await playground.github.addRepository({
    owner: "octo-org",
    name: "fresh",
    files: { "README.md": "# Fresh\n" },
    collaborators: { hubot: "write" },
  });
  expect([other.name, fresh.name]).toEqual([".github", "fresh"]);
  const clock = { now: () => new Date(), random: Math.random, sleep: () => pause(1) };
  const access = { api: playground.as("hubot"), owner: "octo-org", repo: "fresh", clock, self: ["hubot"] };
  const conversations = githubConversations(access);
  expect(await conversations.read(null)).toMatchObject({
    configFrom: "organisation",
    config: "# Ours\ndefault: haiku\n",
  });
  const repository = { server: "https://github.com", owner: "octo-org", repo: "fresh" };
  const proposals = githubConfigProposals({ ...access, repository });
  const { said } = await changeConfig([{ kind: "set", key: "signoff", value: "on" }], asked, {
    proposals,
    conversations,
  });
  expect(said[0]).toContain("the organisation's");
  expect(await proposals.read()).toEqual({ text: "# Ours\ndefault: haiku\nsignoff: true\n" });
});

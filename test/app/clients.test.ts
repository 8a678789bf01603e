import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { githubClock } from "../../src/adapters/github-clock.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { appClients, type Clients } from "../../src/app/clients.ts";
import type { App } from "../../src/playground/github/local-github.ts";
import { HELLO, type Playground, startPlayground } from "../playground/github-fixture.ts";

let playground: Playground;
let app: App;
let clients: Clients;
let issue: number;

beforeEach(async () => {
  playground = await startPlayground({ git: "memory" });
  app = playground.github.addApp({ slug: "our-app" });
  const log = { info: () => undefined, warning: () => undefined };
  const clock = githubClock({ base: systemClock, elapsed: () => performance.now() });
  clients = appClients({ ...app, apiUrl: playground.address.api }, { clock, log });
  const opened = await playground.as("mona").rest.issues.create({ ...HELLO, title: "Login fails" });
  issue = opened.data.number;
});

afterEach(() => playground.end());

/** As for one delivery. */
function comments() {
  const api = clients.of(app.installationId);
  return githubComments({ api, ...HELLO, clock: systemClock, self: ["our-app[bot]"] });
}

const minted = () => playground.github.calls.filter(({ path }) => path.endsWith("/access_tokens")).length;

describe("the clients of an installation", () => {
  it("share one token, and another when that is taken back", async () => {
    const author = { author: "our-app[bot]" };
    expect(await comments().create(issue, "one")).toMatchObject(author);
    expect(await comments().create(issue, "two")).toMatchObject(author);
    expect(minted()).toBe(1);
    playground.github.faults.order({ match: { method: "POST", path: /comments$/ }, times: 1, then: { status: 401 } });
    const all = await Promise.all([comments().create(issue, "three"), comments().create(issue, "four")]);
    expect(all).toMatchObject([author, author]);
    expect(minted()).toBe(2);
    expect(await comments().since(issue, "2000-01-01T00:00:00Z")).toHaveLength(4);
  });

  it("share one budget: what one learns keeps the other back", async () => {
    playground.github.rateLimits.limits.installation = 100;
    const { id } = await comments().create(issue, "Status");
    for (let nth = 0; nth < 85; nth += 1) await comments().edit(id, `Status ${nth}`);
    const before = playground.github.calls.length;
    expect(await comments().edit(id, "Status, drawn anew", "cosmetic")).toBe("left-out");
    expect(playground.github.calls).toHaveLength(before);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OwnAccess } from "../../src/adapters/github-api.ts";
import { githubComments } from "../../src/adapters/github-comments.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { App } from "../../src/playground/github/local-github.ts";
import { HELLO, type Playground, startPlayground } from "../playground/github-fixture.ts";

let playground: Playground;
let app: App;
let issue: number;
let written: string[];

beforeEach(async () => {
  playground = await startPlayground({ git: "memory" });
  app = playground.github.addApp({ slug: "our-app" });
  const opened = await playground.as("mona").rest.issues.create({ ...HELLO, title: "Login fails" });
  issue = opened.data.number;
  written = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  vi.resetModules();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await playground.end();
});

function jobToken(): string {
  const account = playground.github.addUser("github-actions[bot]", { type: "Bot" });
  const permissions = { contents: "write", issues: "write" } as const;
  return playground.github.issueToken({ account, kind: "job", repository: playground.repository, permissions });
}

/** The step as it begins in a job with these inputs. */
async function begin(inputs: Readonly<Record<string, string>>) {
  const event = join(playground.folder, "event.json");
  writeFileSync(event, "{}");
  const variables = {
    GITHUB_API_URL: playground.address.api,
    GITHUB_SERVER_URL: playground.address.url,
    GITHUB_REPOSITORY: "octo-org/hello",
    GITHUB_EVENT_NAME: "workflow_dispatch",
    GITHUB_EVENT_PATH: event,
    GITHUB_RUN_ID: "1",
    GITHUB_ACTOR: "mona",
    GITHUB_WORKSPACE: playground.folder,
    RUNNER_TEMP: playground.folder,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  for (const [name, value] of Object.entries({ prompt: "Tidy up", ...inputs })) {
    vi.stubEnv(`INPUT_${name.toUpperCase()}`, value);
  }
  // GitHub's own toolkit reads the API's address when it is loaded.
  const { readStep } = await import("../../src/action/step.ts");
  const step = await readStep();
  const access: OwnAccess = { api: step.api, owner: "octo-org", repo: "hello", clock: systemClock, self: step.self };
  return { step, comments: githubComments(access) };
}

describe("a step", () => {
  it("writes with the token of its job", async () => {
    const { step, comments } = await begin({ "github-token": jobToken() });
    expect((await comments.create(issue, "Hello")).author).toBe("github-actions[bot]");
    expect(step.self).toEqual(["github-actions[bot]"]);
  });

  it("writes as the person whose token it is given", async () => {
    const { step, comments } = await begin({ "github-token": playground.github.tokenOf("hubot") });
    expect((await comments.create(issue, "Hello")).author).toBe("hubot");
    expect(step.self).toEqual(["hubot", "github-actions[bot]"]);
  });

  it("says in words that its job's token is no good any more", async () => {
    const token = jobToken();
    const { comments } = await begin({ "github-token": token });
    playground.github.revokeToken(token);
    await expect(comments.create(issue, "Hello")).rejects.toMatchObject({
      name: "TokenRefused",
      nextStep: expect.stringContaining("/dispatch retry"),
    });
  });

  it("writes as the App that it is given, also with a second token, and hides all that is secret", async () => {
    const given = { "github-token": jobToken(), "app-id": String(app.appId), "private-key": app.privateKey };
    const { step, comments } = await begin(given);
    expect((await comments.create(issue, "Hello")).author).toBe("our-app[bot]");
    expect(step.self).toEqual(["our-app[bot]", "github-actions[bot]"]);
    const first = await step.tokens.present();
    playground.github.revokeToken(first);
    expect((await comments.create(issue, "Hello again")).author).toBe("our-app[bot]");
    const second = await step.tokens.present();

    expect(second).not.toBe(first);
    expect(step.tokens.secrets).toEqual(expect.arrayContaining([first, second, app.privateKey.trim()]));
    const masked = written.join("");
    for (const token of [first, second]) expect(masked).toContain(`::add-mask::${token}`);
    expect(masked).toContain("::add-mask::-----BEGIN RSA PRIVATE KEY-----%0A");
    expect(process.env["INPUT_PRIVATE-KEY"]).toBeUndefined();
    expect(masked).toContain(
      "::warning::The App's private key is held by a process of the user that the worker runs as",
    );
  });
});

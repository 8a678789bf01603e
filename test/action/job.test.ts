import { describe, expect, it } from "vitest";
import { readJob } from "../../src/action/job.ts";

/** As GitHub's runner sets them. */
const VARIABLES = {
  GITHUB_REPOSITORY: "octo-org/hello",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_EVENT_NAME: "issue_comment",
  GITHUB_EVENT_PATH: "/home/runner/_work/_temp/_github_workflow/event.json",
  GITHUB_RUN_ID: "1658821493",
  GITHUB_RUN_ATTEMPT: "2",
  GITHUB_ACTOR: "mona",
  GITHUB_ACTOR_ID: "583231",
  GITHUB_WORKSPACE: "/home/runner/_work/hello/hello",
  RUNNER_TEMP: "/home/runner/_work/_temp",
};
const EVENT = { action: "created", sender: { login: "mona", type: "User" } };

function read(event: unknown = EVENT, changed: Readonly<Record<string, string | undefined>> = {}) {
  const files = new Map([[VARIABLES.GITHUB_EVENT_PATH, JSON.stringify(event)]]);
  return readJob({ ...VARIABLES, ...changed }, (path) => files.get(path) ?? "");
}

describe("a job", () => {
  it("is read from the runner's variables and event file", () => {
    expect(read()).toEqual({
      repository: { server: "https://github.com", owner: "octo-org", repo: "hello" },
      eventName: "issue_comment",
      event: EVENT,
      run: { id: 1658821493, tryNumber: 2, url: "https://github.com/octo-org/hello/actions/runs/1658821493" },
      actor: { login: "mona", id: 583231 },
      bot: null,
      workspace: "/home/runner/_work/hello/hello",
      temp: "/home/runner/_work/_temp",
    });
  });

  it("may be one of an older server, which says less", () => {
    const older = { GITHUB_SERVER_URL: undefined, GITHUB_RUN_ATTEMPT: undefined, GITHUB_ACTOR_ID: undefined };
    expect(read(EVENT, older)).toMatchObject({
      repository: { server: "https://github.com" },
      run: { id: 1658821493, tryNumber: 1 },
      actor: { login: "mona", id: 0 },
    });
  });

  it("links to its own server", () => {
    const enterprise = { GITHUB_SERVER_URL: "https://ghe.example.com" };
    expect(read(EVENT, enterprise).run.url).toBe("https://ghe.example.com/octo-org/hello/actions/runs/1658821493");
  });

  it.each([
    { what: "an App started it", sender: { login: "dispatch-app[bot]", type: "Bot" }, bot: "dispatch-app[bot]" },
    { what: "a person did", sender: { login: "mona", type: "User" }, bot: null },
    { what: "a person did who is called like one", sender: { login: "helper[bot]", type: "User" }, bot: null },
    { what: "nobody did", sender: undefined, bot: null },
  ])("knows the bot that started it: $what", ({ sender, bot }) => {
    expect(read({ inputs: {}, sender }, { GITHUB_EVENT_NAME: "workflow_dispatch" }).bot).toBe(bot);
  });

  it("takes no bot that has only said something for one of ours", () => {
    expect(read({ ...EVENT, sender: { login: "helper[bot]", type: "Bot" } }).bot).toBeNull();
  });

  it("may have an event that is no object", () => {
    expect(read(null)).toMatchObject({ event: null, bot: null });
  });

  it.each([
    "GITHUB_REPOSITORY",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_RUN_ID",
    "GITHUB_WORKSPACE",
    "RUNNER_TEMP",
  ])("cannot be without %s, and says so", (name) => {
    expect(() => read(EVENT, { [name]: undefined })).toThrow(name);
  });

  it.each(["hello", "octo-org/", "/hello", "octo-org/hello/more"])("has no repository called %s", (name) => {
    expect(() => read(EVENT, { GITHUB_REPOSITORY: name })).toThrow("GITHUB_REPOSITORY");
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageRoutes } from "../../src/playground/page/routes.ts";
import { HELLO, type Playground, startPlayground } from "./github-fixture.ts";

let playground: Playground;
beforeAll(async () => {
  playground = await startPlayground({ git: "memory" });
  const { github } = playground;
  const tokens = { mona: github.tokenOf("mona"), stranger: github.tokenOf("stranger") };
  github.app.route("/", pageRoutes({ github, tokens }));
});
afterAll(() => playground.end());

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${playground.address.url}${path}`, { redirect: "manual", ...init });

describe("the page", () => {
  it("begins with the first conversation", async () => {
    expect((await get("/")).headers.get("location")).toBe("/octo-org/hello/issues/1");
  });

  it.each([
    "/octo-org/hello",
    "/octo-org/hello/issues",
    "/octo-org/hello/issues/1",
    "/octo-org/hello/pull/2",
    "/octo-org/hello/pull/2/files",
    "/octo-org/hello/actions",
    "/octo-org/hello/actions/runs/7",
    "/octo-org/hello/actions/runs/7/job/8",
    "/octo-org/hello/tree/dispatch/tasks/1/add-health-7k2q",
    "/octo-org/hello/blob/main/README.md",
    "/octo-org/hello/compare/main...dispatch/add-health-7k2q",
  ])("answers at %s, and lets no foreign script run", async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch("text/html");
    const policy = response.headers.get("content-security-policy");
    expect(policy).toMatch("default-src 'none'");
    expect(policy).not.toMatch("unsafe");
    expect(await response.text()).toContain('<script type="application/json" id="page-data">{"people":{"mona":"ghp_');
  });

  it.each(["/users/mona", "/repos/octo-org/hello", "/api/v3/repos/octo-org/hello"])(
    "leaves %s to the API",
    async (path) => {
      expect((await get(path)).headers.get("content-type")).toMatch("application/json");
    },
  );

  it("answers 404 where GitHub has no page either", async () => {
    expect((await get("/octo-org/hello/issues/x")).status).toBe(404);
    expect((await get("/_playground/assets/client/none.ts")).status).toBe(404);
    expect((await get("/_playground/assets/client/..%2Froutes.ts")).status).toBe(404);
  });

  it("sends its scripts as JavaScript, each with everything it imports", async () => {
    const wanted = new Set(["/_playground/assets/client/main.ts"]);
    for (const path of wanted) {
      const response = await get(path);
      expect({ path, status: response.status }).toEqual({ path, status: 200 });
      expect(response.headers.get("content-type")).toMatch("text/javascript");
      const text = await response.text();
      expect(text).not.toMatch(/^import type/m);
      for (const [, name = ""] of text.matchAll(/from\s*"([^"]+)"/g)) {
        const base = new URL(path, playground.address.url);
        const lit = name
          .replace(/^lit-html(?=$|\/)/, "/_playground/assets/lit-html")
          .replace(/lit-html$/, "lit-html/lit-html.js");
        wanted.add(new URL(lit, base).pathname);
      }
    }
    expect(wanted.size).toBeGreaterThan(20);
  });

  it("renders Markdown for the preview", async () => {
    const body = JSON.stringify({ text: "see #1", ...HELLO });
    const response = await get("/_playground/markdown", { method: "POST", body });
    expect(await response.text()).toContain('href="/octo-org/hello/issues/1"');
    expect((await get("/_playground/markdown", { method: "POST", body: "{}" })).status).toBe(422);
  });
});

describe("/_playground/events", () => {
  it("tells of comments by their thread, of branches by their name, and of reactions", async () => {
    const mona = playground.as("mona");
    const { data: issue } = await mona.issues.create({ ...HELLO, title: "Watched" });
    const stop = new AbortController();
    const response = await get("/_playground/events", { signal: stop.signal });
    const seen = changesIn(response);
    const next = async () => (await seen.next()).value;

    const { data: comment } = await mona.issues.createComment({ ...HELLO, issue_number: issue.number, body: "hello" });
    expect(await next()).toEqual({ repository: "octo-org/hello", thread: issue.number, run: null, ref: null });

    await mona.reactions.createForIssueComment({ ...HELLO, comment_id: comment.id, content: "eyes" });
    expect(await next()).toEqual({ repository: "octo-org/hello", thread: null, run: null, ref: null });

    const { data: main } = await mona.git.getRef({ ...HELLO, ref: "heads/main" });
    await mona.git.createRef({ ...HELLO, ref: "refs/heads/other", sha: main.object.sha });
    expect(await next()).toMatchObject({ repository: "octo-org/hello", ref: expect.stringMatching(/other$/) });
    stop.abort();
  });
});

async function* changesIn(response: Response): AsyncGenerator {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events)
      if (event.startsWith("event: change")) yield JSON.parse(/data: (.*)/.exec(event)?.[1] ?? "null");
  }
}

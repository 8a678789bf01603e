import { describe, expect, it } from "vitest";
import { type CallAttempt, type FaultEffect, Faults } from "../../src/playground/github/faults.ts";
import { HELLO, startPlayground } from "./github-fixture.ts";

const CALL: CallAttempt = { method: "POST", path: "/graphql", query: "mutation M", tokenKind: "job", token: "one" };
const FAULT: FaultEffect = { status: 502 };

describe("ordered faults", () => {
  it.each([
    { name: "another method", call: { method: "GET" } },
    { name: "another path", call: { path: "/user" } },
    { name: "no GraphQL", call: { query: null } },
    { name: "another sort of token", call: { tokenKind: "user" } },
    { name: "another token of that sort", call: { token: "two" } },
  ] as const)("do not meet a call with $name", ({ call }) => {
    const faults = new Faults();
    const match = {
      method: "post",
      path: /graphql/,
      graphql: /M$/,
      tokenKind: ["job", "app"],
      which: ({ token }: CallAttempt) => token === "one",
    } as const;
    faults.order({ match, times: 1, then: FAULT });
    expect(faults.take({ ...CALL, ...call })).toBeNull();
    expect(faults.take(CALL)).toBe(FAULT);
  });

  it("let so many calls go well first, and only those that match count", () => {
    const faults = new Faults();
    faults.order({ match: { method: "POST" }, after: 1, times: 2, then: FAULT });
    const methods = ["GET", "POST", "GET", "POST", "POST", "POST"];
    const taken = methods.map((method) => faults.take({ ...CALL, method }) !== null);
    expect(taken).toEqual([false, false, false, true, true, false]);
    expect(faults.pending).toBe(0);
  });

  it("tell of every call, and of what has not happened yet", () => {
    const faults = new Faults();
    const heard: string[] = [];
    faults.onCall = ({ path }) => heard.push(path);
    faults.order({ match: { path: /never/ }, times: 1, then: FAULT });
    faults.take(CALL);
    expect([heard, faults.pending]).toEqual([["/graphql"], 1]);
    faults.clear();
    expect(faults.pending).toBe(0);
  });

  it.each([
    { when: "before-effect", comments: 0 },
    { when: "after-effect", comments: 1 },
  ] as const)("strike whoever calls $when, who hears nothing more", async ({ when, comments }) => {
    const playground = await startPlayground();
    try {
      const hubot = playground.as("hubot");
      await hubot.issues.create({ ...HELLO, title: "T" });
      const struck: (string | null)[] = [];
      const count = async () => (await playground.as("mona").issues.listComments({ ...HELLO, issue_number: 1 })).data;
      playground.github.faults.order({
        match: { path: /comments$/, method: "POST" },
        times: 1,
        then: { strike: ({ token }) => struck.push(token), when },
      });
      await expect(hubot.issues.createComment({ ...HELLO, issue_number: 1, body: "x" })).rejects.toThrow();
      expect(struck).toEqual([playground.github.tokenOf("hubot")]);
      expect(await count()).toHaveLength(comments);
    } finally {
      await playground.end();
    }
  });
});

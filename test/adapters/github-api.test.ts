import { getOctokit } from "@actions/github";
import { Octokit } from "@octokit/core";
import { type Context, ProbotOctokit } from "probot";
import { describe, expect, expectTypeOf, it } from "vitest";
import { checkedAccess, checkedBranch, checkedRef, type GitHubApi, isLogin } from "../../src/adapters/github-api.ts";
import { testAccess } from "./github-nock.ts";

describe("GitHubApi", () => {
  it("is what a bare Octokit, the Action's and Probot's clients are, without a cast", () => {
    const clients: readonly GitHubApi[] = [new Octokit(), getOctokit("token"), new ProbotOctokit()];
    for (const client of clients) expect(client.request).toBeTypeOf("function");
    expectTypeOf<Context["octokit"]>().toExtend<GitHubApi>();
  });
});

describe("names", () => {
  it.each([
    { owner: "octo-org", repo: "hello" },
    { owner: "mona_corp", repo: ".github" },
    { owner: "1", repo: "a.b-c_d" },
  ])("takes $owner/$repo", (names) => {
    expect(checkedAccess({ ...testAccess(), ...names })).toMatchObject(names);
  });

  it.each([
    { owner: "octo-org", repo: ".." },
    { owner: "octo-org", repo: "." },
    { owner: "octo-org", repo: "a/b" },
    { owner: "..", repo: "hello" },
    { owner: "-x", repo: "hello" },
    { owner: "a b", repo: "hello" },
    { owner: "", repo: "hello" },
    { owner: "octo-org", repo: "hello\n" },
  ])("refuses $owner/$repo", (names) => {
    expect(() => checkedAccess({ ...testAccess(), ...names })).toThrow("Not the name of");
  });

  it.each(["main", "dispatch/fix-login-7k2q", "release/1.0", "ünïcode", "a@b"])("takes the branch %s", (name) => {
    expect(checkedBranch(name)).toBe(name);
  });

  it.each([
    "",
    "-d",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a.lock",
    "a.",
    "@",
    "a@{1}",
    "a\x00b",
  ])("refuses the branch %j", (name) => {
    expect(() => checkedBranch(name)).toThrow("Not the name of a branch");
  });

  it.each([
    { thread: "../1", id: "a" },
    { thread: "1", id: "a/b" },
    { thread: "1", id: "-a" },
    { thread: "0", id: "a" },
  ])("refuses the task $thread/$id", (ref) => {
    expect(() => checkedRef(ref)).toThrow("Not the name of a task");
  });

  it.each([
    { login: "mona", is: true },
    { login: "dispatch-app[bot]", is: true },
    { login: "mona/../hubot", is: false },
    { login: "", is: false },
    { login: "mona[bot]x", is: false },
  ])("knows whether $login is a login", ({ login, is }) => {
    expect(isLogin(login)).toBe(is);
  });
});

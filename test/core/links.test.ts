import { expect, it } from "vitest";
import { compareUrl, planUrl, repositoryUrl, runUrl, taskFileUrl } from "../../src/core/links.ts";

const repository = { server: "https://github.com", owner: "octo-org", repo: "hello" };
const ref = { thread: "1", id: "fix-7k2q" };

it.each([
  { what: "the repository", url: repositoryUrl(repository), expected: "https://github.com/octo-org/hello" },
  {
    what: "a plan",
    url: planUrl(repository, ref),
    expected: "https://github.com/octo-org/hello/blob/dispatch/tasks/1/fix-7k2q/.dispatch/tasks/fix-7k2q/plan.md",
  },
  {
    what: "a report",
    url: taskFileUrl({ ...repository, server: "https://ghe.example.com" }, ref, "output.md"),
    expected:
      "https://ghe.example.com/octo-org/hello/blob/dispatch/tasks/1/fix-7k2q/.dispatch/tasks/fix-7k2q/output.md",
  },
  { what: "a run", url: runUrl(repository, 77), expected: "https://github.com/octo-org/hello/actions/runs/77" },
])("links to $what", ({ url, expected }) => {
  expect(url).toBe(expected);
});

it("prefills the page that opens a pull request, whatever the title and the branches hold", () => {
  const title = "Fix “50 % & more” #1 <b>";
  const url = new URL(compareUrl(repository, { base: "release/1.0#rc", branch: "dispatch/fix-7k2q", title }));
  expect(url.pathname).toBe("/octo-org/hello/compare/release/1.0%23rc...dispatch/fix-7k2q");
  expect(url.hash).toBe("");
  expect(Object.fromEntries(url.searchParams)).toEqual({ expand: "1", title });
});

it("breaks neither a Markdown link nor an HTML attribute", () => {
  const url = compareUrl(repository, { base: "main", branch: "dispatch/a", title: `")](<x> (y)` });
  expect(url).not.toMatch(/[\s"<>()[\]]/);
});

import { describe, expect, it } from "vitest";
import { parsePlan, renderPlan } from "../../src/core/plan.ts";
import { pushRefused, withoutUnarrived } from "../../src/core/push-refusal.ts";

const GH013 = "error: GH013: Repository rule violations found for refs/heads/dispatch/fix-7k2q.";

/** What GitHub says, as its pushes are refused. */
const REFUSALS = [
  {
    what: "a ruleset",
    sentence: `${GH013} - Cannot create ref due to creations being restricted.`,
    remedy: /^Exclude `dispatch\/\*\*` from the ruleset/,
  },
  {
    what: "required signatures",
    sentence: `${GH013} - Commits must have verified signatures. Found 1 violation: 4b825dc`,
    remedy: /^Exclude `dispatch\/\*\*` from the ruleset or protection that requires signed commits/,
  },
  {
    what: "required signatures on a pull request's branch",
    sentence: `${GH013} - Commits must have verified signatures.`,
    branch: "feature",
    remedy: /^Exclude `feature` from/,
  },
  {
    what: "secret protection",
    sentence: `${GH013} - GITHUB PUSH PROTECTION - Push cannot contain secrets https://github.com/o/r/security/secret-scanning/unblock-secret/x`,
    remedy: /^Take the secret out of the work/,
  },
  {
    what: "a large file",
    sentence:
      "error: GH001: Large files detected. File a.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB",
    remedy: /^Keep the large file out of git/,
  },
  {
    what: "a protected branch",
    sentence: "error: GH006: Protected branch update failed for refs/heads/feature.",
    branch: "feature",
    remedy: /^Let Dispatch push to `feature`, or write the command again with “in a worktree”/,
  },
  {
    what: "a protected name",
    sentence: "error: GH006: Protected branch update failed for refs/heads/dispatch/fix-7k2q.",
    remedy: /^Exclude `dispatch\/\*\*` from the branch protection/,
  },
  {
    what: "a changed workflow",
    sentence:
      "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission",
    remedy: /`workflows: write`/,
  },
  {
    what: "an archived repository",
    sentence: "This repository was archived so it is read-only.",
    remedy: /^Unarchive the repository/,
  },
  {
    what: "a token that may not write",
    sentence: "Permission to octo-org/hello.git denied to github-actions[bot].",
    remedy: /`contents: write`/,
  },
  {
    what: "anything else",
    sentence: "pre-receive hook declined",
    remedy: /^Exclude `dispatch\/\*\*` from the ruleset/,
  },
];

describe("a push that GitHub refuses", () => {
  it.each(REFUSALS)("for $what ends in its own sentence and what to do", ({ sentence, branch, remedy }) => {
    const outcome = pushRefused({ sentence, branch: branch ?? "dispatch/fix-7k2q" });
    const words = sentence.replace(/^error: /, "");
    expect(outcome).toMatchObject({
      cause: "push-refused",
      sentence: `The work is done, but GitHub refused the push: ${words}`,
      nextStep: expect.stringMatching(remedy),
    });
    expect(outcome).toMatchObject({ nextStep: expect.stringMatching(/\. Then retry\.$/) });
  });
});

describe("work that has not arrived", () => {
  const plan = parsePlan("# T\n- [x] First\n- [x] Second\n- [x] ~~Third~~\n  Skipped by mona.\n- [ ] Fourth\n");
  const markers = (commits: readonly string[], of = plan) =>
    withoutUnarrived(of, commits)
      .items.map(({ marker }) => (marker === "done" ? "x" : " "))
      .join("");

  it("is not done: its steps are open again, and say why", () => {
    expect(markers(["Second\n\nCo-authored-by: mona"])).toBe("x x ");
    expect(renderPlan(withoutUnarrived(plan, ["Second"]))).toContain(
      "- [ ] Second\n  Done once, but GitHub refused the push.",
    );
  });

  it("may be several steps' in one commit", () => {
    expect(markers(["First\n\nSecond\n\nCo-authored-by: mona"])).toBe("  x ");
  });

  it.each([{ commits: ["Fix it myself"] }, { commits: ["First", "Fix it myself"] }, { commits: [] }])(
    "may have been any step's where the worker used words of its own: $commits",
    ({ commits }) => {
      expect(markers(commits)).toBe("  x ");
    },
  );
});

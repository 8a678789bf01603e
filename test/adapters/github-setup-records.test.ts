import { describe, expect, it } from "vitest";
import { githubSetupRecords } from "../../src/adapters/github-setup-records.ts";
import { renderSetup } from "../../src/core/setup.ts";
import { CLAUDE, sampleSetup } from "../core/sample-setup.ts";
import { api, graphql, graphqlRefusal, repo, testAccess, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

const text = renderSetup(sampleSetup([CLAUDE]));
const write = () => githubSetupRecords(testAccess()).write(text);

/** The branch as it stands; null for none. */
function branch(present: string | null, head = "c1") {
  const object = present === null ? null : { __typename: "Blob", oid: "b1", text: present, isTruncated: false };
  return graphql({
    repository: {
      ref: ({ qualifiedName }: { qualifiedName: string }) =>
        qualifiedName === "refs/heads/dispatch/setup"
          ? {
              target: {
                __typename: "Commit",
                oid: head,
                file: ({ path }: { path: string }) => (path === "setup.yaml" ? { object } : null),
              },
            }
          : null,
    },
  });
}

function noBranch(): void {
  graphql({ repository: { ref: () => null } });
}

function commitMade(): void {
  const tree = [{ path: "setup.yaml", mode: "100644", type: "blob", content: text }];
  api().post(`${repo}/git/trees`, { tree }).reply(201, { sha: "t1" });
  api()
    .post(`${repo}/git/commits`, { message: "Record what doctor has found [skip ci]", tree: "t1", parents: [] })
    .reply(201, { sha: "c9" });
}

const refAsked = () => api().post(`${repo}/git/refs`, { ref: "refs/heads/dispatch/setup", sha: "c9" });
const committed = () => graphql({ createCommitOnBranch: { commit: { oid: "c2" } } });

describe("the record", () => {
  it("begins a branch of its own, which CI leaves alone", async () => {
    noBranch();
    commitMade();
    refAsked().reply(201, {});
    await write();
  });

  it("moves the branch on when something else was found", async () => {
    branch(renderSetup(sampleSetup([])));
    const { asked } = committed();
    await write();
    expect(asked[0]?.variables["input"]).toEqual({
      branch: { repositoryNameWithOwner: "octo-org/hello", branchName: "dispatch/setup" },
      message: { headline: "Record what doctor has found [skip ci]" },
      expectedHeadOid: "c1",
      fileChanges: { additions: [{ path: "setup.yaml", contents: Buffer.from(text).toString("base64") }] },
    });
  });

  it("is not written again when only a moment has passed", async () => {
    branch(renderSetup({ ...sampleSetup([CLAUDE]), at: "2026-11-20T11:30:00.000Z" }));
    await write();
  });

  it.each([
    ["damaged", "version: ["],
    ["a day old", renderSetup({ ...sampleSetup([CLAUDE]), at: "2026-11-19T11:30:00.000Z" })],
    ["gone from its branch", null],
  ])("is written again when it is %s", async (_, present) => {
    branch(present);
    committed();
    await write();
  });
});

describe("two at once", () => {
  it("let the branch begin once", async () => {
    noBranch();
    commitMade();
    refAsked().reply(422, { message: "Reference already exists" });
    branch(text);
    await write();
  });

  it("write one after the other", async () => {
    branch(null);
    graphqlRefusal("STALE_DATA", 'Expected branch to point to "c1"');
    branch(null, "c2");
    const { asked } = committed();
    await write();
    expect(asked[0]?.variables["input"]).toMatchObject({ expectedHeadOid: "c2" });
  });

  it("begin again where the branch has just been deleted", async () => {
    branch(null);
    graphqlRefusal("NOT_FOUND", "No such branch");
    noBranch();
    commitMade();
    refAsked().reply(201, {});
    await write();
  });

  it("give up in the end", async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      branch(null);
      graphqlRefusal("STALE_DATA", "Expected branch to point to something else");
    }
    await expect(write()).rejects.toMatchObject({ code: "setup-record-refused" });
  });
});

describe("a refusal", () => {
  it.each([
    ["of the branch", 422, "Repository rule violations found"],
    ["of the commit", 403, "Resource not accessible by integration"],
    ["of a repository without commits", 409, "Git Repository is empty."],
  ])("%s is told in GitHub's words", async (_, status, message) => {
    noBranch();
    if (status === 422) {
      commitMade();
      refAsked().reply(status, { message });
    } else {
      api().post(`${repo}/git/trees`).reply(status, { message });
    }
    await expect(write()).rejects.toMatchObject({
      code: "setup-record-refused",
      message: expect.stringContaining(`\`dispatch/setup\`: ${message}`),
    });
  });
});

it("survives a lost reply", async () => {
  noBranch();
  commitMade();
  refAsked().reply(502, {});
  refAsked().reply(422, { message: "Reference already exists" });
  branch(text);
  await write();
});

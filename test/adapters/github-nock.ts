import { Octokit } from "@octokit/core";
import { schema as published } from "@octokit/graphql-schema";
import { buildSchema, execute, type GraphQLSchema, parse, validate } from "graphql";
import nock from "nock";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { OwnAccess } from "../../src/adapters/github-api.ts";
import type { Clock } from "../../src/flows/ports.ts";

export const NOW = "2026-11-20T12:00:00.000Z";

export interface TestClock extends Clock {
  /** Every sleep so far, in milliseconds. */
  readonly slept: number[];
}

/** Time passes only in `sleep`, and at once. Chance is always 1: the longest back-off. */
export function testClock(): TestClock {
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(Date.parse(NOW) + slept.reduce((sum, ms) => sum + ms, 0)),
    random: () => 1,
    sleep: async (ms) => void slept.push(ms),
  };
}

export function testAccess(clock: Clock = testClock()): OwnAccess {
  const api = new Octokit({ auth: "test" });
  return { api, owner: "octo-org", repo: "hello", clock, self: ["dispatch[bot]", "github-actions[bot]"] };
}

export function api(): nock.Scope {
  return nock("https://api.github.com");
}

export const repo = "/repos/octo-org/hello";

/** No request leaves the process, and each one that a test announces must have been made. */
export function withoutNetwork(): void {
  beforeAll(() => nock.disableNetConnect());
  afterEach(() => {
    const pending = nock.pendingMocks();
    nock.cleanAll();
    expect(pending).toEqual([]);
  });
  afterAll(() => {
    nock.restore();
    nock.enableNetConnect();
  });
}

let schema: GraphQLSchema | undefined;

/** GitHub's own, as published. Built once a file, since that takes a while. */
function githubSchema(): GraphQLSchema {
  // It names a field twice, which a strict reading refuses.
  schema ??= buildSchema(published.idl, { assumeValid: true, assumeValidSDL: true });
  return schema;
}

type GraphqlRequest = { readonly query: string; readonly variables: Record<string, unknown> };

/**
 * Answers the next GraphQL request as GitHub's published schema would, from this data. An argument is read by a function
 * in the data's place: `ref: ({ qualifiedName }) => …`.
 */
export function graphql(data: object): { readonly asked: GraphqlRequest[] } {
  const asked: GraphqlRequest[] = [];
  api()
    .post("/graphql")
    .reply(200, async (sent: Request) => {
      // Our own client wrote it.
      const request = (await sent.json()) as GraphqlRequest;
      asked.push(request);
      try {
        return await answer(request, data);
      } catch (error) {
        // Thrown here it would look like a broken connection.
        return { errors: [{ message: `The test's data: ${String(error)}` }] };
      }
    });
  return { asked };
}

async function answer({ query, variables }: GraphqlRequest, data: object) {
  const document = parse(query);
  const errors = validate(githubSchema(), document);
  if (errors.length > 0) return { errors };
  return execute({ schema: githubSchema(), document, rootValue: data, variableValues: variables });
}

export function graphqlRefusal(type: string, message: string): void {
  api()
    .post("/graphql")
    .reply(200, { data: null, errors: [{ type, message, path: ["createCommitOnBranch"] }] });
}

import { readFile } from "node:fs/promises";
import {
  buildSchema,
  type DocumentNode,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import { z } from "zod";
import { type Api, actorOf } from "../api.ts";
import { ApiError } from "../errors.ts";
import { readBody } from "../rest/request.ts";
import { maySee } from "../rights.ts";
import { type GraphContext, graphError } from "./frame.ts";
import { mutations, repositoryOf } from "./mutations.ts";
import { actorNode, nodeOf, repositoryNode } from "./nodes.ts";

const Request = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

let published: Promise<GraphQLSchema> | undefined;

/** GitHub's own schema. The package's index would parse a second copy of it, so its file is read directly. */
function schema(): Promise<GraphQLSchema> {
  const file = new URL("./schema.graphql", import.meta.resolve("@octokit/graphql-schema"));
  published ??= readFile(file, "utf8").then((text) => buildSchema(text, { assumeValid: true, noLocation: true }));
  return published;
}

export function graphqlRoutes({ app, world }: Api): void {
  app.post("/graphql", async (c) => {
    const caller = c.get("caller");
    if (caller.kind !== "token") throw new ApiError(403, "This endpoint requires you to be authenticated.");
    actorOf(c);
    const { query, variables, operationName } = await readBody(c, Request);
    const reply = await answer(
      { world, caller },
      { query, variables: variables ?? {}, operationName: operationName ?? null },
    );
    return c.json(reply);
  });
}

async function answer(
  context: GraphContext,
  asked: { readonly query: string; readonly variables: Record<string, unknown>; readonly operationName: string | null },
): Promise<object> {
  const github = await schema();
  const document = read(github, asked.query);
  if ("errors" in document) return document;
  const { data, errors } = await execute({
    schema: github,
    document,
    rootValue: { ...queries(context), ...mutations(context) },
    contextValue: context,
    variableValues: asked.variables,
    operationName: asked.operationName,
  });
  return { data: data ?? null, ...(errors === undefined ? {} : { errors: errors.map(errorJson) }) };
}

interface Mistaken {
  readonly errors: readonly object[];
}

/** Clients ask the same few queries again and again, and to check one against GitHub's whole schema takes longer than to answer it. */
const known = new Map<string, DocumentNode | Mistaken>();
const MOST_KNOWN = 500;

function read(github: GraphQLSchema, query: string): DocumentNode | Mistaken {
  const seen = known.get(query);
  if (seen !== undefined) return seen;
  const document = check(github, query);
  if (known.size < MOST_KNOWN) known.set(query, document);
  return document;
}

function check(github: GraphQLSchema, query: string): DocumentNode | Mistaken {
  try {
    const document = parse(query);
    const mistakes = validate(github, document);
    return mistakes.length === 0 ? document : { errors: mistakes.map(errorJson) };
  } catch (error) {
    return { errors: [{ message: error instanceof Error ? error.message : String(error) }] };
  }
}

function errorJson(error: GraphQLError): object {
  const { message, path, locations, extensions, originalError } = error;
  if (originalError !== undefined && extensions["type"] === undefined) console.error(originalError);
  const type = typeof extensions["type"] === "string" ? { type: extensions["type"] } : {};
  return {
    ...type,
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations }),
    message,
  };
}

function queries(context: GraphContext) {
  const { world, caller } = context;
  return {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = world.find(owner, name);
      if (repository !== undefined && maySee(caller, repository)) return repositoryNode(world, repository);
      throw graphError("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
    node: ({ id }: { id: string }) => {
      const node = world.nodes.get(id);
      if (node !== undefined && maySee(caller, repositoryOf(node))) return nodeOf(world, node);
      throw graphError("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
    },
    user: ({ login }: { login: string }) => {
      const account = world.accounts.find(login);
      if (account?.type === "User") return actorNode(world, account);
      throw graphError("NOT_FOUND", `Could not resolve to a User with the login of '${login}'.`);
    },
    viewer: () => (caller.kind === "token" ? { ...actorNode(world, caller.info.account), __typename: "User" } : null),
    rateLimit: () => {
      const { limit, remaining, used, reset } = world.rateLimits.look(caller, "graphql");
      return {
        cost: 1,
        limit,
        remaining,
        used,
        nodeCount: 0,
        resetAt: new Date(reset * 1000).toISOString().replace(".000Z", "Z"),
      };
    },
  };
}

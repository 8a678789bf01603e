import { type Api, actorOf } from "../api.ts";
import { ApiError, notFound } from "../errors.ts";
import { publicUserJson } from "../json/accounts.ts";
import { repositoryJson } from "../json/repositories.ts";
import { roleOf } from "../rights.ts";
import { paginate } from "./request.ts";

export function userRoutes({ app, world }: Api): void {
  app.get("/user", (c) => {
    const { account, tokenKind } = actorOf(c);
    if (tokenKind !== "user") throw new ApiError(403, "Resource not accessible by integration");
    return c.json(publicUserJson(world, account));
  });

  app.get("/user/repos", (c) => {
    const { account } = actorOf(c);
    const mine = world.repositories.filter((repository) => roleOf(repository, account) !== null);
    return c.json(paginate(world, c, mine).map((repository) => repositoryJson(world, repository)));
  });

  app.get("/users/:login", (c) => {
    const account = world.accounts.find(c.req.param("login"));
    if (account === undefined) throw notFound();
    return c.json(publicUserJson(world, account));
  });

  app.get("/rate_limit", (c) => {
    // As a GitHub Enterprise Server does whose limits are not switched on.
    if (world.rateLimits.off) return c.json({ message: "Rate limiting is not enabled." }, 404);
    const [core, graphql] = [
      world.rateLimits.look(c.get("caller"), "core"),
      world.rateLimits.look(c.get("caller"), "graphql"),
    ];
    return c.json({ resources: { core, graphql, search: core }, rate: core });
  });

  app.get("/meta", (c) => c.json({ verifiable_password_authentication: false, installed_version: "3.19.0" }));
}

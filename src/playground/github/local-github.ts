import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import type { Hono } from "hono";
import type { Account, AccountType } from "./accounts.ts";
import { type ApiContext, type ApiEnv, createApi } from "./api.ts";
import type { App, NewApp } from "./apps.ts";
import { controlRoutes } from "./control.ts";
import { tell } from "./events.ts";
import type { Call, Faults } from "./faults.ts";
import { gitRoutes } from "./git-http.ts";
import { graphqlRoutes } from "./graphql/endpoint.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Repository } from "./repository.ts";
import { appRoutes } from "./rest/apps.ts";
import { commentRoutes, reactionRoutes } from "./rest/comments.ts";
import { contentRoutes } from "./rest/contents.ts";
import { objectRoutes, refRoutes } from "./rest/git.ts";
import { issueRoutes } from "./rest/issues.ts";
import { pullRoutes } from "./rest/pulls.ts";
import { repositoryRoutes } from "./rest/repositories.ts";
import { repositoryOf } from "./rest/request.ts";
import { reviewCommentRoutes, reviewRoutes } from "./rest/reviews.ts";
import { userRoutes } from "./rest/users.ts";
import { type NewRepository, seedRepository } from "./seed.ts";
import type { TokenInfo, TokenKind } from "./tokens.ts";
import { type Address, type GitHubEvent, type LocalGitHubOptions, World } from "./world.ts";

export type { Account, AccountType } from "./accounts.ts";
export type { ApiContext, ApiEnv } from "./api.ts";
export type { App, NewApp } from "./apps.ts";
export type { Call } from "./faults.ts";
export type { Repository } from "./repository.ts";
export type { NewRepository } from "./seed.ts";
export type { TokenInfo, TokenKind } from "./tokens.ts";
export type { Address, GitHubEvent, LocalGitHubOptions } from "./world.ts";

const ROUTES = [
  userRoutes,
  appRoutes,
  contentRoutes,
  refRoutes,
  objectRoutes,
  issueRoutes,
  commentRoutes,
  reactionRoutes,
  pullRoutes,
  reviewRoutes,
  reviewCommentRoutes,
  repositoryRoutes,
  graphqlRoutes,
  gitRoutes,
  controlRoutes,
];

/** A GitHub on loopback: HTTP API, webhooks and git. */
export class LocalGitHub {
  /**
   * Routes are those of the REST API without `/api/v3`, which is taken off before routing: a handler at `/repos/:owner/:repo/…`
   * answers under both. Add routes before the first request.
   */
  readonly app: Hono<ApiEnv>;
  /** The records behind the API. */
  readonly world: World;
  #server: ServerType | null = null;

  private constructor(world: World) {
    this.world = world;
    this.app = createApi(world);
    for (const add of ROUTES) add({ app: this.app, world });
  }

  static async create(options: LocalGitHubOptions): Promise<LocalGitHub> {
    return new LocalGitHub(new World(options));
  }

  /** Starts to listen on loopback; port 0 picks a free one. */
  async listen(port: number): Promise<Address> {
    const server = createAdaptorServer({ fetch: this.app.fetch });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.world.address = { url, api: `${url}/api/v3`, git: url };
    return this.world.address;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) {
      const closed = new Promise((resolve) => server.close(resolve));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    }
    await this.world.close();
  }

  get address(): Address {
    return this.world.address;
  }

  get faults(): Faults {
    return this.world.faults;
  }

  /** Every call of the API and of git so far, oldest first. */
  get calls(): readonly Call[] {
    return this.world.faults.log;
  }

  get rateLimits(): RateLimits {
    return this.world.rateLimits;
  }

  now(): Date {
    return this.world.now();
  }

  addUser(login: string, options: { type?: AccountType } = {}): Account {
    return this.world.accounts.add(login, options);
  }

  /** The owner and the collaborators are made where they are new. */
  addRepository(spec: NewRepository): Promise<Repository> {
    return seedRepository(this.world, spec);
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.world.find(owner, name);
  }

  repositories(): readonly Repository[] {
    return this.world.repositories;
  }

  /** The repository that a request's path names, for routes of others; 404 where the caller may not see it. */
  repositoryOf(c: ApiContext): Repository {
    return repositoryOf(this.world, c);
  }

  addApp(spec: NewApp): App {
    const bot = this.addUser(`${spec.slug}[bot]`, { type: "Bot" });
    const app = this.world.apps.add(spec, bot, { appId: this.world.nextId(), installationId: this.world.nextId() });
    if (spec.webhookUrl !== undefined) this.world.webhooks.setUrl(app.appId, spec.webhookUrl);
    return app;
  }

  /** Null: events are neither delivered nor logged. */
  setWebhookUrl(appId: number, url: string | null): void {
    this.world.webhooks.setUrl(appId, url);
  }

  /** Resolves when every webhook delivery so far has ended. */
  webhooksSettled(): Promise<void> {
    return this.world.webhooks.settled();
  }

  issueToken(info: TokenInfo): string {
    return this.world.tokens.issue(info);
  }

  revokeToken(token: string): void {
    this.world.tokens.revoke(token);
  }

  /** The personal token of an account, the same every time. */
  tokenOf(login: string): string {
    const account = this.world.accounts.find(login);
    if (account === undefined) throw new Error(`There is no account called ${login}.`);
    return this.world.tokens.of(account);
  }

  /** Hears every event, after its effect, until the returned function is called. */
  onEvent(listener: (event: GitHubEvent) => void): () => void {
    this.world.listeners.add(listener);
    return () => this.world.listeners.delete(listener);
  }

  /** Sends an event to webhooks and listeners; `action`, `repository` and `sender` are added to the payload. */
  emit(event: {
    readonly name: string;
    readonly action?: string;
    readonly payload: Readonly<Record<string, unknown>>;
    readonly repository: Repository;
    readonly actor: Account;
    readonly tokenKind: TokenKind;
  }): void {
    const { actor: account, tokenKind, ...rest } = event;
    tell(this.world, { account, tokenKind }, rest);
  }
}

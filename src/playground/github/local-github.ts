import type { Hono } from "hono";
import type { Account, AccountType } from "./accounts.ts";
import type { Call, Faults } from "./faults.ts";
import type { Repository, RepositorySettings, Role } from "./repository.ts";
import type { Caller, TokenInfo, TokenKind } from "./tokens.ts";

/** What Hono carries along with each request: `c.get("caller")` is who makes it. */
export interface ApiEnv {
  Variables: { caller: Caller };
}

export interface GitHubEvent {
  readonly name: string;
  readonly action?: string;
  /** As GitHub sends it to webhooks, `repository` and `sender` included. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly repository: Repository;
  readonly actor: Account;
  /** Events made with a job's token start no runs, `workflow_dispatch` excepted. */
  readonly tokenKind: TokenKind;
}

export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  /** The first commit's files by path; without any the repository stays empty. */
  readonly files?: Readonly<Record<string, string>>;
  readonly collaborators?: Readonly<Record<string, Role>>;
  readonly settings?: Partial<RepositorySettings>;
  readonly private?: boolean;
  readonly forkOf?: Repository;
}

export interface NewApp {
  readonly slug: string;
  readonly webhookUrl?: string;
  readonly webhookSecret?: string;
}

export interface App {
  readonly appId: number;
  readonly slug: string;
  /** PEM, RSA */
  readonly privateKey: string;
  /** The App is installed on everything there is. */
  readonly installationId: number;
  readonly webhookSecret: string;
  readonly bot: Account;
}

export interface LocalGitHubOptions {
  readonly dataDir: string;
  readonly now?: () => Date;
  /** How long a webhook receiver may take. GitHub gives it ten seconds. */
  readonly webhookTimeoutMs?: number;
}

export interface Address {
  readonly url: string;
  readonly api: string;
  readonly git: string;
}

/** SKELETON: the interface stands, the body is being written. */
export declare class LocalGitHub {
  /**
   * Routes are those of the REST API without `/api/v3`, which is taken off before routing: a handler at `/repos/:owner/:repo/…`
   * answers under both. Add routes before the first request.
   */
  readonly app: Hono<ApiEnv>;
  readonly faults: Faults;
  readonly calls: readonly Call[];
  static create(options: LocalGitHubOptions): Promise<LocalGitHub>;
  listen(port: number): Promise<Address>;
  close(): Promise<void>;
  readonly address: Address;
  now(): Date;
  addUser(login: string, options?: { type?: AccountType }): Account;
  addRepository(spec: NewRepository): Promise<Repository>;
  repository(owner: string, name: string): Repository | undefined;
  repositories(): readonly Repository[];
  addApp(spec: NewApp): App;
  setWebhookUrl(appId: number, url: string | null): void;
  /** Resolves when every webhook delivery so far has ended. */
  webhooksSettled(): Promise<void>;
  issueToken(info: TokenInfo): string;
  revokeToken(token: string): void;
  tokenOf(login: string): string;
  /** Every event, after its effect. */
  onEvent(listener: (event: GitHubEvent) => void): void;
  /** Sends an event to webhooks and listeners; `repository` and `sender` are added to the payload. */
  emit(event: {
    name: string;
    action?: string;
    payload: Record<string, unknown>;
    repository: Repository;
    actor: Account;
    tokenKind: TokenKind;
  }): void;
}

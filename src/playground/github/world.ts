import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Account, Accounts } from "./accounts.ts";
import { Apps } from "./apps.ts";
import { Faults } from "./faults.ts";
import { GitOnDisk } from "./git-disk.ts";
import { GitInMemory } from "./git-memory.ts";
import type { GitStore } from "./git-store.ts";
import { RateLimits } from "./rate-limits.ts";
import type { Issue, IssueComment, Repository, RepositorySettings, Review, ReviewComment } from "./repository.ts";
import { type Permissions, type TokenKind, Tokens } from "./tokens.ts";
import { Webhooks } from "./webhooks.ts";

export interface LocalGitHubOptions {
  readonly dataDir: string;
  readonly now?: () => Date;
  /** How long a webhook receiver may take. GitHub gives it ten seconds. */
  readonly webhookTimeoutMs?: number;
  /** `memory`: no disk and no processes, and so no cloning. */
  readonly git?: "disk" | "memory";
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

/** Who did something, and by what kind of token. */
export interface Actor {
  readonly account: Account;
  readonly tokenKind: TokenKind;
  /** What the token may; absent for a person's, who may what their role may. */
  readonly permissions?: Permissions;
}

export interface Address {
  readonly url: string;
  readonly api: string;
  /** `git + "/octo-org/hello.git"` clones. */
  readonly git: string;
}

export type Node =
  | { readonly kind: "repository"; readonly repository: Repository }
  | { readonly kind: "issue"; readonly issue: Issue }
  | { readonly kind: "comment"; readonly comment: IssueComment }
  | { readonly kind: "review"; readonly review: Review }
  | { readonly kind: "review-comment"; readonly comment: ReviewComment };

const SETTINGS: RepositorySettings = {
  allowActionsToCreatePullRequests: false,
  allowDrafts: true,
  archived: false,
  hasIssues: true,
  rulesets: [],
};

/** Everything that the local GitHub knows, and nothing of HTTP. */
export class World {
  readonly now: () => Date;
  readonly accounts = new Accounts();
  readonly apps = new Apps();
  readonly faults = new Faults();
  readonly tokens: Tokens;
  readonly rateLimits: RateLimits;
  readonly webhooks: Webhooks;
  readonly repositories: Repository[] = [];
  /** What GraphQL calls by its node id. */
  readonly nodes = new Map<string, Node>();
  readonly listeners = new Set<(event: GitHubEvent) => void>();
  address: Address = { url: "http://localhost", api: "http://localhost/api/v3", git: "http://localhost" };
  readonly repositoriesFolder: string;
  readonly #inMemory: boolean;
  #lastId = 1_000_000;

  constructor(options: LocalGitHubOptions) {
    this.now = options.now ?? (() => new Date());
    this.tokens = new Tokens(this.now);
    this.rateLimits = new RateLimits(this.now);
    const timeoutMs = options.webhookTimeoutMs ?? 10_000;
    this.webhooks = new Webhooks({ now: this.now, nextId: () => this.nextId(), timeoutMs });
    this.repositoriesFolder = join(options.dataDir, "repositories");
    this.#inMemory = options.git === "memory";
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** This moment as GitHub writes it, to the second. */
  stamp(): string {
    return this.now()
      .toISOString()
      .replace(/\.\d+Z$/, "Z");
  }

  find(owner: string, name: string): Repository | undefined {
    const fullName = `${owner}/${name}`.toLowerCase();
    return this.repositories.find((repository) => repository.fullName.toLowerCase() === fullName);
  }

  async openRepository(
    spec: Pick<Repository, "owner" | "name" | "private" | "fork">,
    settings: Partial<RepositorySettings>,
  ): Promise<Repository> {
    const id = this.nextId();
    const fullName = `${spec.owner.login}/${spec.name}`;
    const repository: Repository = {
      ...spec,
      id,
      nodeId: `R_${id}`,
      fullName,
      createdAt: this.stamp(),
      pushedAt: this.stamp(),
      defaultBranch: "main",
      settings: { ...SETTINGS, ...settings },
      collaborators: new Map(),
      labels: new Map(),
      issues: new Map(),
      git: await this.#openGit(fullName),
    };
    this.repositories.push(repository);
    this.nodes.set(repository.nodeId, { kind: "repository", repository });
    return repository;
  }

  async #openGit(fullName: string): Promise<GitStore> {
    if (this.#inMemory) return new GitInMemory();
    const directory = join(this.repositoriesFolder, `${fullName}.git`);
    await mkdir(directory, { recursive: true });
    return GitOnDisk.open(directory, "main");
  }

  /** Tells listeners and Apps. Called after the effect. */
  emit(event: GitHubEvent): void {
    for (const app of this.apps.all()) {
      if (!app.events.includes(event.name)) continue;
      const payload = {
        ...event.payload,
        installation: { id: app.installationId, node_id: `MDIz${app.installationId}` },
      };
      const { name, action = null, repository } = event;
      this.webhooks.send(app, { name, action, payload, repositoryId: repository.id });
    }
    for (const listener of this.listeners) listener(event);
  }

  async close(): Promise<void> {
    await this.webhooks.close();
    await Promise.all(this.repositories.map((repository) => repository.git.close()));
  }
}

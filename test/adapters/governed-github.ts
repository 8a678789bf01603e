import { Octokit } from "@octokit/core";
import type { GitHubApi } from "../../src/adapters/github-api.ts";
import { LocalGitHub, type Repository } from "../../src/playground/github/local-github.ts";
import { ManualClock } from "../flows/memory-clock.ts";

export const API = "http://localhost/api/v3";
export const PERMISSIONS = {
  contents: "write",
  issues: "write",
  pull_requests: "write",
  actions: "write",
  metadata: "read",
} as const;

/** The local GitHub in this process, in time that a test moves. */
export class GovernedGitHub {
  readonly clock = new ManualClock();
  readonly github: LocalGitHub;
  readonly repository: Repository;

  private constructor(clock: ManualClock, github: LocalGitHub, repository: Repository) {
    this.clock = clock;
    this.github = github;
    this.repository = repository;
  }

  static async create(): Promise<GovernedGitHub> {
    const clock = new ManualClock();
    const github = await LocalGitHub.create({ dataDir: "/nowhere", now: () => clock.now(), git: "memory" });
    github.addUser("octo-org", { type: "Organization" });
    github.addUser("github-actions[bot]", { type: "Bot" });
    const repository = await github.addRepository({
      owner: "octo-org",
      name: "hello",
      files: { "README.md": "# Hello\n", ".github/workflows/dispatch.yml": "name: Dispatch\n" },
      collaborators: { mona: "admin", hubot: "write" },
      settings: { allowActionsToCreatePullRequests: true },
    });
    return new GovernedGitHub(clock, github, repository);
  }

  /** A client without a token. */
  client(): Octokit {
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const fetch = async (url: string, init: RequestInit) => this.github.app.fetch(new Request(url, init), {});
    return new Octokit({ baseUrl: API, log: quiet, request: { fetch } });
  }

  jobToken(): string {
    const account = this.github.addUser("github-actions[bot]", { type: "Bot" });
    return this.github.issueToken({ account, kind: "job", repository: this.repository, permissions: PERMISSIONS });
  }

  access(api: GitHubApi) {
    return { api, owner: "octo-org", repo: "hello", clock: this.clock, self: ["github-actions[bot]"] };
  }

  /** Moves the time on until a promise has ended. */
  async until<T>(promise: Promise<T>, { stepMs = 1_000, mostMs = 24 * 3_600_000 } = {}): Promise<T> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    promise.then(over, over);
    for (let passed = 0; !isOver && passed <= mostMs; passed += stepMs) await this.clock.advance(stepMs);
    if (!isOver) throw new Error("It has not come to its end.");
    return promise;
  }
}

import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LocalActions } from "./actions/local-actions.ts";
import { addActionsRoutes } from "./actions/routes.ts";
import type { CancelGrace } from "./actions/step-process.ts";
import { backendSecrets, demoConfig, demoWorkflow, type Hosting } from "./demo-config.ts";
import { LocalGitHub } from "./github/local-github.ts";
import type { Repository, RepositorySettings } from "./github/repository.ts";
import { pageRoutes } from "./page/routes.ts";
import { SAMPLE_FILES } from "./sample-repository.ts";
import { PEOPLE, seed } from "./seed.ts";
import { ServerProcess } from "./server-process.ts";

export interface PlaygroundOptions {
  readonly port: number;
  readonly hosting?: Hosting;
  /** `demo`, `claude`, `codex`, `cursor`, or a command. */
  readonly backend?: string;
  /** Kept when it is given, else a new folder that goes with the playground. */
  readonly dataDir?: string;
  /** Milliseconds between the demo worker's steps. */
  readonly pace?: number;
  /** `.github/dispatch.yml`, instead of the one that goes with the backend; null for none. */
  readonly config?: string | null;
  /** `.github/workflows/dispatch.yml`, instead of the ready-made one; null for none. */
  readonly workflow?: string | null;
  /** What the sample repository holds; null: not even a first commit. */
  readonly sample?: Readonly<Record<string, string>> | null;
  /** Further files of the sample repository. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Partial<RepositorySettings>;
  /** The repository's secrets, besides the backend's key. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables that the workflow gives to the Action's step, and the config to the worker. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** Folders that come first on the PATH of every step, before the demo worker's. */
  readonly toolPath?: readonly string[];
  readonly grace?: CancelGrace;
  /** Arguments for the server's Node. */
  readonly serverNode?: readonly string[];
  /** What the server prints. */
  readonly onServerLine?: (line: string) => void;
}

const PROJECT = resolve(import.meta.dirname, "..", "..");

/** A local GitHub with a sample repository in it, Dispatch at work there, and a runner for its workflows. */
export class Playground implements AsyncDisposable {
  readonly hosting: Hosting;
  readonly github: LocalGitHub;
  readonly actions: LocalActions;
  readonly repository: Repository;
  /** Null where the Action handles the thread. */
  readonly server: ServerProcess | null;
  readonly dataDir: string;
  readonly #keepData: boolean;

  private constructor(
    parts: Pick<Playground, "hosting" | "github" | "actions" | "repository" | "server" | "dataDir">,
    keepData: boolean,
  ) {
    this.hosting = parts.hosting;
    this.github = parts.github;
    this.actions = parts.actions;
    this.repository = parts.repository;
    this.server = parts.server;
    this.dataDir = parts.dataDir;
    this.#keepData = keepData;
  }

  static async start(options: PlaygroundOptions): Promise<Playground> {
    const { hosting = "server" } = options;
    const dataDir = options.dataDir ?? (await newDataDir());
    const github = await LocalGitHub.create({ dataDir });
    // Tests and demos do in a second what people do in an hour.
    github.rateLimits.off = true;
    const secrets = { ...backendSecrets(options.backend ?? "demo", process.env), ...options.secrets };
    const { sample = SAMPLE_FILES, settings = {} } = options;
    const files = sample === null ? null : { ...sample, ...(await seededFiles(options, secrets)) };
    const repository = await seed(github, { files, settings });
    const actions = new LocalActions({
      github,
      dataDir,
      secrets,
      actionRoots: { dispatch: PROJECT },
      toolPath: [...(options.toolPath ?? []), join(import.meta.dirname, "demo-worker")],
      ...(options.grace === undefined ? {} : { grace: options.grace }),
    });
    addActionsRoutes(github, actions);
    const tokens = tokensOf(github);
    github.app.route("/", pageRoutes({ github, tokens }));
    const isKept = options.dataDir !== undefined;
    const address = await github.listen(options.port).catch(async (error: unknown) => {
      await new Playground({ hosting, github, actions, repository, server: null, dataDir }, isKept).close();
      throw error;
    });
    const server = hosting === "server" ? newServer(github, address, options) : null;
    const playground = new Playground({ hosting, github, actions, repository, server, dataDir }, isKept);
    try {
      await server?.start();
    } catch (error) {
      await playground.close();
      throw error;
    }
    for (const app of github.world.apps.all()) github.setWebhookUrl(app.appId, server?.webhookUrl ?? null);
    return playground;
  }

  get url(): string {
    return this.github.address.url;
  }

  get api(): string {
    return this.github.address.api;
  }

  /** `git + "/octo-org/hello.git"` clones. */
  get git(): string {
    return this.github.address.git;
  }

  /** Personal tokens of the people there are, by login. */
  get tokens(): Readonly<Record<string, string>> {
    return tokensOf(this.github);
  }

  /** Ends every process that was started, and forgets everything. */
  async close(): Promise<void> {
    await this.server?.stop();
    await this.actions.close();
    await this.github.close();
    if (!this.#keepData) await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function tokensOf(github: LocalGitHub): Record<string, string> {
  return Object.fromEntries(PEOPLE.map((login) => [login, github.tokenOf(login)]));
}

/** Others may pass through it, since a worker can run as another user, but not look around in it. */
async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dispatch-playground-"));
  await chmod(folder, 0o711);
  return folder;
}

async function seededFiles(
  options: PlaygroundOptions,
  secrets: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const { hosting = "server", backend = "demo", pace = null, workerEnv: env = {} } = options;
  const { config = demoConfig({ backend, pace, env: Object.keys(env) }) } = options;
  const { workflow = await demoWorkflow(PROJECT, { hosting, secrets: Object.keys(secrets), env }) } = options;
  return {
    ...(config === null ? {} : { ".github/dispatch.yml": config }),
    ...(workflow === null ? {} : { ".github/workflows/dispatch.yml": workflow }),
    ...options.files,
  };
}

function newServer(github: LocalGitHub, address: LocalGitHub["address"], options: PlaygroundOptions): ServerProcess {
  const app = github.addApp({ slug: "dispatch-app", webhookSecret: randomBytes(24).toString("hex") });
  const { onServerLine: onLine = () => undefined, serverNode: node = [] } = options;
  return new ServerProcess({ node, script: join(PROJECT, "src", "app", "main.ts"), app, address, onLine });
}

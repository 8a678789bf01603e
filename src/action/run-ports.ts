import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gitCheckout } from "../adapters/git-checkout.ts";
import { githubIssues } from "../adapters/github-issues.ts";
import { githubPullRequests } from "../adapters/github-pull-requests.ts";
import { githubSetupRecords } from "../adapters/github-setup-records.ts";
import { githubThread } from "../adapters/github-thread.ts";
import { maskedFolder, maskedWorkers } from "../adapters/masking.ts";
import { setupProbe } from "../adapters/setup-probe.ts";
import { taskFolderAt } from "../adapters/task-folder.ts";
import { installWorkerHelper } from "../adapters/worker-helper.ts";
import { workers } from "../adapters/worker-process.ts";
import { repositoryUrl } from "../core/links.ts";
import { type TaskRef, taskFolder } from "../core/task.ts";
import { withEars } from "../flows/keep-listening.ts";
import type { RunPorts } from "../flows/run-ports.ts";
import type { ThreadPorts } from "../flows/thread-ports.ts";
import type { Step } from "./step.ts";

/** Under this identity GitHub shows commits as made by github-actions[bot]. */
const BOT = { name: "github-actions[bot]", email: "41898282+github-actions[bot]@users.noreply.github.com" };

/** What stands beside the bundle that is running: the helper's. */
const HELPER_SCRIPT = fileURLToPath(new URL("./worker.js", import.meta.url));

export function threadPorts({ api, clock, job, self, background, log }: Step): ThreadPorts {
  return withEars(githubThread({ api, repository: job.repository, self, clock, background, log }));
}

/** What a run on this machine reaches, for one task. */
export function runPorts(step: Step, ref: TaskRef, stop: AbortSignal): RunPorts {
  const { job, api, clock, log } = step;
  const access = { api, owner: job.repository.owner, repo: job.repository.repo, clock };
  const home = join(job.temp, "dispatch", ref.id);
  const helperDir = join(home, "bin");
  mkdirSync(helperDir, { recursive: true });
  installWorkerHelper(helperDir, { node: process.execPath, script: HELPER_SCRIPT });
  // Grows with every token that the run is given.
  const { secrets } = step.tokens;
  return {
    ...threadPorts(step),
    probe: setupProbe({ access, environment: process.env, startedBy: job.bot }),
    records: githubSetupRecords(access),
    issues: githubIssues({ ...access, self: step.self }),
    pullRequests: githubPullRequests(access),
    checkout: gitCheckout({
      workspace: job.workspace,
      remoteUrl: `${repositoryUrl(job.repository)}.git`,
      token: () => step.tokens.present(),
      tempDir: home,
      bot: BOT,
      log,
    }),
    folder: maskedFolder(taskFolderAt(join(job.workspace, taskFolder(ref))), secrets),
    workers: maskedWorkers(workers({ environment: process.env, helperDir, log }), secrets),
    stop,
  };
}

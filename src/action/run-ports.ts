import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gitCheckout } from "../adapters/git-checkout.ts";
import { githubIssues } from "../adapters/github-issues.ts";
import { githubPullRequests } from "../adapters/github-pull-requests.ts";
import { githubThread } from "../adapters/github-thread.ts";
import { maskedFolder, maskedWorkers, secretsIn } from "../adapters/masking.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { taskFolderAt } from "../adapters/task-folder.ts";
import { installWorkerHelper } from "../adapters/worker-helper.ts";
import { workers } from "../adapters/worker-process.ts";
import { repositoryUrl } from "../core/links.ts";
import { type TaskRef, taskFolder } from "../core/task.ts";
import type { RunPorts } from "../flows/run-ports.ts";
import type { ThreadPorts } from "../flows/thread-ports.ts";
import type { Step } from "./step.ts";

/** Under this identity GitHub shows commits as made by github-actions[bot]. */
const BOT = { name: "github-actions[bot]", email: "41898282+github-actions[bot]@users.noreply.github.com" };

/** What stands beside the bundle that is running: the helper's. */
const HELPER_SCRIPT = fileURLToPath(new URL("./worker.js", import.meta.url));

export function threadPorts({ api, job, self, background, log }: Step): ThreadPorts {
  return githubThread({ api, repository: job.repository, self, clock: systemClock, background, log });
}

/** What a run on this machine reaches, for one task. */
export function runPorts(step: Step, ref: TaskRef, stop: AbortSignal): RunPorts {
  const { job, api, log } = step;
  const access = { api, owner: job.repository.owner, repo: job.repository.repo, clock: systemClock };
  const home = join(job.temp, "dispatch", ref.id);
  const helperDir = join(home, "bin");
  mkdirSync(helperDir, { recursive: true });
  installWorkerHelper(helperDir, { node: process.execPath, script: HELPER_SCRIPT });
  const secrets = [step.inputs["github-token"], ...secretsIn(process.env)];
  return {
    ...threadPorts(step),
    issues: githubIssues({ ...access, self: step.self }),
    pullRequests: githubPullRequests(access),
    checkout: gitCheckout({
      workspace: job.workspace,
      remoteUrl: `${repositoryUrl(job.repository)}.git`,
      token: step.inputs["github-token"],
      tempDir: home,
      bot: BOT,
      log,
    }),
    folder: maskedFolder(taskFolderAt(join(job.workspace, taskFolder(ref))), secrets),
    workers: maskedWorkers(workers({ environment: process.env, helperDir, log }), secrets),
    stop,
  };
}

import { readConfig, settingsOf } from "../core/config.ts";
import { configInForce } from "../core/config-in-force.ts";
import { renderDoctorReport } from "../core/doctor-report.ts";
import { firstConfig } from "../core/first-config.ts";
import { resolveWorker } from "../core/model.ts";
import { failure } from "../core/outcome.ts";
import { parsePlan, renderPlan, withMarker } from "../core/plan.ts";
import { Problem } from "../core/problem.ts";
import { renderSetup, type Setup } from "../core/setup.ts";
import { notableModels } from "../core/setup-availability.ts";
import { renderSetupSummary } from "../core/setup-summary.ts";
import type { Task } from "../core/task.ts";
import { checkSetUp } from "./check-setup.ts";
import { finishRun, type RunResult } from "./finish-run.ts";
import type { LiveTask } from "./live-task.ts";
import { putToPerson } from "./put-to-person.ts";
import type { RunPorts } from "./run-ports.ts";
import type { StatusView } from "./status-view.ts";

/** Looks at the set-up: all that doctor does, and what a first task begins with. */
export async function runCheck(live: LiveTask, view: StatusView, ports: RunPorts): Promise<RunResult> {
  live.doing = "Looking for command line tools, keys and models";
  view.draw();
  const setup = await checkSetUp(ports);
  return live.task.kind === "doctor" ? report(live, view, setup, ports) : choose(live, view, setup, ports);
}

async function report(live: LiveTask, view: StatusView, setup: Setup, ports: RunPorts): Promise<RunResult> {
  const output = renderDoctorReport(setup, await configOrProblem(setup, ports));
  await live.change((files) => {
    const plan = withMarker(parsePlan(files["plan.md"] ?? ""), 0, "done");
    return { files: { "output.md": output, "plan.md": renderPlan(plan) }, message: "Report on the set-up" };
  });
  return finishRun(live, view, { kind: "done" }, ports);
}

async function configOrProblem(setup: Setup, { conversations }: RunPorts) {
  const conversation = await conversations.read(null);
  try {
    return configInForce({ config: conversation.config, setup: renderSetup(setup) });
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** The requester chooses among what was found. Where nothing was, there is only what to do about it. */
async function choose(live: LiveTask, view: StatusView, setup: Setup, ports: RunPorts): Promise<RunResult> {
  const models = notableModels(setup);
  const [best] = models;
  const summary = renderSetupSummary(setup);
  if (best === undefined) {
    const sentence = "No coding agent can work in this repository's runs yet.";
    return finishRun(live, view, failure("cli-missing", sentence, summary), ports);
  }
  const config = readConfig(firstConfig(setup, best.id));
  const { worker } = resolveWorker(`--model ${best.id}`, config);
  const settings = { ...settingsOf(config), names: models.map(({ id }) => id) };
  const inTask = (task: Task): Task => ({ ...task, worker, settings });
  return putToPerson(live, view, { what: "confirming", change: () => ({ "setup.md": summary }), inTask }, ports);
}

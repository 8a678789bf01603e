import type { EventsConfig } from "@actions/workflow-parser/model/workflow-template";
import type { Permissions } from "../github/tokens.ts";
import { parser } from "./parser.ts";
import { isList, isMap, mapAt, type Template, type TemplateMap, textAt, toTemplate } from "./template.ts";

export interface Workflow {
  /** `.github/workflows/dispatch.yml` */
  readonly path: string;
  readonly name: string;
  readonly events: EventsConfig;
  readonly runName: Template;
  readonly env: Template;
  readonly jobs: readonly Job[];
}

export interface Job {
  readonly id: string;
  readonly name: Template;
  /** Always holds a status function: GitHub puts `success() && …` before a condition without one. */
  readonly condition: string;
  readonly needs: readonly string[];
  readonly permissions: Permissions;
  readonly env: Template;
  readonly outputs: Template;
  readonly timeoutMinutes: Template;
  readonly continueOnError: Template;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id: string;
  readonly name: Template;
  readonly condition: string;
  readonly env: Template;
  readonly does:
    | { readonly kind: "run"; readonly script: Template; readonly shell: string | null; readonly directory: Template }
    | { readonly kind: "uses"; readonly action: string; readonly inputs: Template };
  readonly continueOnError: Template;
  readonly timeoutMinutes: Template;
}

export interface WorkflowErrors {
  readonly errors: readonly string[];
}

/** Reads a workflow file with GitHub's own parser. */
export async function readWorkflow(path: string, text: string): Promise<Workflow | WorkflowErrors> {
  const { context, value } = parser.parseWorkflow({ name: path, content: text }, new parser.NoOperationTraceWriter());
  const errors = () => context.errors.getErrors().map((error) => error.message);
  if (value === undefined || errors().length > 0) return { errors: errors() };
  const converted = await parser.convertWorkflowTemplate(context, value);
  const root = toTemplate(value);
  if (converted.errors !== undefined || !isMap(root)) return { errors: errors() };

  const jobs: Job[] = [];
  for (const job of converted.jobs) {
    if (job.type !== "job") return { errors: [`${path}: reusable workflows are not known here`] };
    const source = mapAt(mapAt(root, "jobs"), job.id.value);
    const steps = isList(source["steps"]) ? source["steps"] : [];
    const conditions = job.steps.map((step) => step.if?.expression ?? "success()");
    jobs.push({
      id: job.id.value,
      name: source["name"] ?? job.id.value,
      condition: job.if.expression,
      needs: (job.needs ?? []).map((need) => need.value),
      permissions: readPermissions(source["permissions"] ?? root["permissions"]),
      env: source["env"] ?? null,
      outputs: source["outputs"] ?? null,
      timeoutMinutes: source["timeout-minutes"] ?? 360,
      continueOnError: source["continue-on-error"] ?? false,
      steps: steps.filter(isMap).map((step, at) => ({
        ...readStep(step, runDefaults(source, root)),
        id: job.steps[at]?.id ?? `__${at}`,
        condition: conditions[at] ?? "success()",
      })),
    });
  }
  const name = textAt(root, "name") ?? path;
  const { events } = converted;
  return { path, name, events, runName: root["run-name"] ?? null, env: root["env"] ?? null, jobs };
}

/** What a job's token may do. Without a word about it: what GitHub gives in a new repository. */
function readPermissions(permissions: Template | undefined): Permissions {
  const all = [
    "actions",
    "checks",
    "contents",
    "deployments",
    "issues",
    "packages",
    "pages",
    "pull_requests",
    "statuses",
  ];
  if (permissions === "read-all" || permissions === "write-all") {
    const level = permissions === "read-all" ? "read" : "write";
    return { ...Object.fromEntries(all.map((name) => [name, level])), metadata: "read" };
  }
  if (!isMap(permissions)) return { contents: "read", packages: "read", metadata: "read" };
  const given = Object.entries(permissions).flatMap(([name, level]) =>
    level === "read" || level === "write" ? [[name.replaceAll("-", "_"), level] as const] : [],
  );
  return { ...Object.fromEntries(given), metadata: "read" };
}

function runDefaults(job: TemplateMap, root: TemplateMap): TemplateMap {
  return { ...mapAt(mapAt(root, "defaults"), "run"), ...mapAt(mapAt(job, "defaults"), "run") };
}

function readStep(step: TemplateMap, defaults: TemplateMap): Omit<Step, "id" | "condition"> {
  const uses = textAt(step, "uses");
  return {
    name: step["name"] ?? null,
    env: step["env"] ?? null,
    continueOnError: step["continue-on-error"] ?? false,
    timeoutMinutes: step["timeout-minutes"] ?? null,
    does:
      uses === null
        ? {
            kind: "run",
            script: step["run"] ?? "",
            shell: textAt(step, "shell") ?? textAt(defaults, "shell"),
            directory: step["working-directory"] ?? defaults["working-directory"] ?? null,
          }
        : { kind: "uses", action: uses, inputs: step["with"] ?? null },
  };
}

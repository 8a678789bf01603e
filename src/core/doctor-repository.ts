import type { Finding } from "./doctor-finding.ts";
import { plainLine } from "./safe-text.ts";
import type { Setup } from "./setup.ts";
import { type Grant, WORKFLOW_PATH, WORKFLOW_VERSION, type Workflow } from "./setup-workflow.ts";

const READY_MADE = {
  action: "https://github.com/dispatch-dev/dispatch/blob/v1/.github/workflows/dispatch.yml",
  server: "https://github.com/dispatch-dev/dispatch/blob/v1/docs/dispatch-with-server.yml",
} as const;

/** The workflow, what its token may do, and where workers run. */
export function repositoryFindings(setup: Setup): readonly Finding[] {
  return [
    ...workflowFindings(setup.workflow),
    ...bothHostings(setup),
    permissionFinding(setup),
    ...startFinding(setup.workflow),
    ...recordFinding(setup.recordRefused),
    isolationFinding(setup.isolation),
  ];
}

function workflowFindings(workflow: Workflow): readonly Finding[] {
  const what = "Workflow";
  switch (workflow.kind) {
    case "missing":
      return [
        {
          level: "fix",
          what,
          found: `\`${WORKFLOW_PATH}\` is not on the default branch`,
          todo: `Copy the [ready-made file](${READY_MADE.action}) there ([this one](${READY_MADE.server}) if you run a server).`,
        },
      ];
    case "unseen":
      return [
        {
          level: "warning",
          what,
          found: `GitHub did not show \`${WORKFLOW_PATH}\``,
          todo: `Give the job \`work\` the permission \`contents: write\`, then write \`/dispatch doctor\` again.`,
        },
      ];
    case "unreadable":
      return [
        {
          level: "fix",
          what,
          found: `\`${WORKFLOW_PATH}\` is not a workflow that can be read`,
          todo: `Compare it with the [ready-made file](${READY_MADE.action}).`,
        },
      ];
    case "read":
      return [versionFinding(what, workflow)];
  }
}

function versionFinding(what: string, { version, hosting }: Extract<Workflow, { kind: "read" }>): Finding {
  const made = hosting === "action" ? "hears the conversation itself" : "is started by a server";
  if (version !== null && version >= WORKFLOW_VERSION)
    return { level: "ok", what, found: `version ${version}, ${made}` };
  return {
    level: "warning",
    what,
    found: version === null ? `says no version; it may be an old one (it ${made})` : `version ${version} is outdated`,
    todo: `Take over what is new in the [ready-made file](${READY_MADE[hosting]}), and its line \`# dispatch-workflow: ${WORKFLOW_VERSION}\`.`,
  };
}

function bothHostings({ workflow, startedBy }: Setup): readonly Finding[] {
  if (workflow.kind !== "read" || workflow.hosting !== "action" || startedBy === null) return [];
  return [
    {
      level: "fix",
      what: "Hosting",
      found: `the workflow hears comments, and **${plainLine(startedBy.replace(/[^\w[\]-]/g, ""), 100)}** has started this run: if that is a Dispatch server, both answer`,
      todo: `Keep one: take the App off this repository (Settings → GitHub Apps), or replace the workflow by [the one for a server](${READY_MADE.server}).`,
    },
  ];
}

const NAMES = ["contents", "issues", "pull-requests"] as const;

function permissionFinding({ permissions }: Setup): Finding {
  const what = "Permissions";
  const of = (wanted: (grant: Grant) => boolean) => NAMES.filter((name) => wanted(permissions[name]));
  const lacking = of((grant) => grant === "none" || grant === "read");
  if (lacking.length > 0) {
    return {
      level: "fix",
      what,
      found: `the run may not write ${lacking.join(", ")}`,
      todo: `In the job \`work\` of \`${WORKFLOW_PATH}\`, add under \`permissions:\` ${lacking.map((name) => `\`${name}: write\``).join(", ")}.`,
    };
  }
  const unknown = of((grant) => grant === "unknown");
  if (unknown.length === 0) return { level: "ok", what, found: `${NAMES.join(", ")}: write` };
  return {
    level: "warning",
    what,
    found: `cannot be seen: ${unknown.join(", ")}`,
    todo: `If a task fails with “Resource not accessible”, give the token ${unknown.map((name) => `\`${name}: write\``).join(", ")}.`,
  };
}

/** Without a server the job that hears the conversation starts the runs. */
function startFinding(workflow: Workflow): readonly Finding[] {
  if (workflow.kind !== "read" || workflow.hosting !== "action") return [];
  if (workflow.startsRuns !== "none" && workflow.startsRuns !== "read") return [];
  return [
    {
      level: "fix",
      what: "Starting runs",
      found: "the job that hears the conversation may not start workflow runs",
      todo: `In the job \`thread\` of \`${WORKFLOW_PATH}\`, add \`actions: write\` under \`permissions:\`.`,
    },
  ];
}

function recordFinding(refused: string | null): readonly Finding[] {
  if (refused === null) return [];
  return [
    {
      level: "fix",
      what: "Branch `dispatch/setup`",
      found: plainLine(refused, 500),
      todo: "Exclude `dispatch/**` under Settings → Rules → Rulesets and Settings → Branches, and rename any branch called `dispatch`.",
    },
  ];
}

function isolationFinding(isolation: Setup["isolation"]): Finding {
  const what = "Isolation";
  if (isolation === "user") return { level: "ok", what, found: "workers run as a user of their own" };
  return {
    level: "warning",
    what,
    found: "workers run as the runner's own user",
    todo: "Hand this workflow no more secrets than a worker may see, and use runners that are thrown away after the job (GitHub's own are).",
  };
}

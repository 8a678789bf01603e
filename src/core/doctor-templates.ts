import { backendKind } from "./backend.ts";
import { readTemplate, type Template } from "./command-template.ts";
import type { Backend } from "./config.ts";
import type { Finding } from "./doctor-finding.ts";
import type { Setup } from "./setup.ts";

const BYPASS = "--dangerously-bypass-approvals-and-sandbox";

/** What is wrong with the command of a backend, beyond whether its program is there. */
export function templateFindings(name: string, backend: Backend, setup: Setup): readonly Finding[] {
  const template = readTemplate(backend.command);
  const kind = backendKind(name, backend);
  const what = `Command of \`${name}\``;
  const isCodex = kind === "codex" || /(?:^|\/)codex$/.test(template.program);
  return [
    ...(isGenericByForce(name, backend, template) ? [compound(what)] : []),
    ...(isCodex ? codexFindings(what, template, setup) : []),
  ];
}

/** A CLI that we know, in a command that takes no arguments at its end. */
function isGenericByForce(name: string, backend: Backend, { compound, program }: Template): boolean {
  return compound && (backend.kind ?? backendKind(name, { command: program === "" ? name : program })) !== "generic";
}

function compound(what: string): Finding {
  return {
    level: "warning",
    what,
    found:
      "holds a pipe, `;`, `&` or the like, so it is run as it stands: without live progress, choice of model, and continued sessions",
    todo: "In `.github/dispatch.yml`, make it one plain command, or put the rest into a script of its own.",
  };
}

function codexFindings(what: string, template: Template, { userNamespaces }: Setup): readonly Finding[] {
  if (template.has("--full-auto")) {
    return [
      {
        level: "fix",
        what,
        found: "says `--full-auto`, which Codex does not know any more",
        todo: `In \`.github/dispatch.yml\`, write \`${BYPASS}\` in its place.`,
      },
    ];
  }
  const sandbox = template.valueOf("--sandbox") ?? template.valueOf("-s") ?? settingOf(template, "sandbox_mode");
  if (sandbox === "workspace-write" || template.has("--approve-for-me")) return [workspaceWrite(what, userNamespaces)];
  if (sandbox === "danger-full-access" || template.has(BYPASS, "--yolo", "-p", "--profile")) return [];
  return [
    {
      level: "fix",
      what,
      found: "lets Codex read only, so the worker can change nothing",
      todo: `In \`.github/dispatch.yml\`, add \`${BYPASS}\`: the runner is the fence.`,
    },
  ];
}

/** The value of `-c key=value`, with or without quotes. */
function settingOf({ words }: Template, key: string): string | null {
  const word = words.find((each) => each.startsWith(`${key}=`) || each.startsWith(`--config=${key}=`));
  return word === undefined ? null : word.slice(word.indexOf(`${key}=`) + key.length + 1).replace(/^["']|["']$/g, "");
}

function workspaceWrite(what: string, userNamespaces: Setup["userNamespaces"]): Finding {
  const todo = `In \`.github/dispatch.yml\`, write \`${BYPASS}\` in its place, unless you want it so.`;
  if (userNamespaces === "refused") {
    return {
      level: "fix",
      what,
      found: "asks for Codex's own sandbox, but this runner refuses user namespaces, which the sandbox needs",
      todo,
    };
  }
  const limits = "Codex's own sandbox has no network, and the worker cannot commit in it";
  return {
    level: "warning",
    what,
    found: userNamespaces === "allowed" ? limits : `${limits}; whether it works on this runner could not be tried`,
    todo,
  };
}

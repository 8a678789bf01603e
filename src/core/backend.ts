import type { Backend } from "./config.ts";
import type { BackendKind, WorkerSpec } from "./task.ts";

/** A worker's command, ready for a process: no text of a user's is in `script`. */
export interface WorkerCommand {
  /** For `bash -c`. Only the config's own template, which takes the rest as arguments. */
  readonly script: string;
  readonly args: readonly string[];
  /** The prompt, where the command reads it from standard input. */
  readonly stdin: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** The kind that is said, else that of the backend's key, else of the command's first word. */
export function backendKind(key: string, { command, kind }: Backend): BackendKind {
  if (isCompound(command)) return "generic";
  return kind ?? kindOfWord(key) ?? kindOfWord(firstWord(command)) ?? "generic";
}

/**
 * Builds the command of a worker: the template, then what its kind needs and the template does not say yet.
 * @param resume the CLI's session to continue, or null for a new one
 */
export function workerCommand(spec: WorkerSpec, prompt: string, resume: string | null): WorkerCommand {
  const script = `${spec.command} "$@"`;
  switch (spec.kind) {
    case "claude":
      return { script, args: claudeArgs(spec.command, resume), stdin: prompt, env: claudeEnv(spec.model) };
    case "codex":
      return { script, args: codexArgs(spec, resume), stdin: prompt, env: {} };
    case "cursor":
      return { script, args: [...cursorArgs(spec, resume), prompt], stdin: null, env: {} };
    case "generic":
      return { script: spec.command, args: [], stdin: prompt, env: genericEnv(spec) };
  }
}

/** Environment variables that hold a kind's key: any one group is enough. Empty where none is needed. */
export function keyNames(kind: BackendKind): readonly (readonly string[])[] {
  switch (kind) {
    case "claude":
      return [
        ["ANTHROPIC_API_KEY"],
        ["CLAUDE_CODE_OAUTH_TOKEN"],
        ["ANTHROPIC_AUTH_TOKEN"],
        ["CLAUDE_CODE_USE_BEDROCK"],
        ["CLAUDE_CODE_USE_VERTEX"],
      ];
    case "codex":
      return [["OPENAI_API_KEY"], ["CODEX_API_KEY"]];
    case "cursor":
      return [["CURSOR_API_KEY"]];
    case "generic":
      return [];
  }
}

/** The command's first word, after variables that are set for it. */
export function firstWord(command: string): string {
  const words = command.trim().split(/\s+/);
  return words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? "";
}

/** A template with pipes or several commands: nothing can be added at its end without changing what it means. */
function isCompound(command: string): boolean {
  const outsideQuotes = command.replace(/'[^']*'|"(?:\\.|[^"\\])*"/g, "");
  return /[|;&\n<>]/.test(outsideQuotes);
}

function kindOfWord(word: string): BackendKind | null {
  const name = word.split("/").at(-1) ?? "";
  if (name === "claude") return "claude";
  if (name === "codex") return "codex";
  return name === "cursor" || name === "agent" || name === "cursor-agent" ? "cursor" : null;
}

function claudeArgs(template: string, resume: string | null): readonly string[] {
  return [
    ...unless(template, /(?:^|\s)(?:-p|--print)\b/, ["-p"]),
    ...unless(template, /--output-format\b/, ["--output-format", "stream-json"]),
    ...unless(template, /--verbose\b/, ["--verbose"]),
    ...(resume === null ? [] : unless(template, /--resume\b/, ["--resume", resume])),
  ];
}

/** Claude Code manages its models itself; the family is handed over by its own variable. */
function claudeEnv(model: string | null): Readonly<Record<string, string>> {
  const family = /opus|sonnet|haiku/i.exec(model ?? "")?.[0]?.toLowerCase();
  if (family !== undefined) return { ANTHROPIC_MODEL: family };
  return model === null ? {} : { ANTHROPIC_MODEL: model };
}

function codexArgs({ command, model }: WorkerSpec, resume: string | null): readonly string[] {
  return [
    ...unless(command, /--json\b/, ["--json"]),
    ...unless(command, /--skip-git-repo-check\b/, ["--skip-git-repo-check"]),
    ...(model === null ? [] : unless(command, /(?:^|\s)(?:-m|--model)\b/, ["--model", model])),
    ...(resume === null ? [] : ["resume", resume]),
    "-",
  ];
}

function cursorArgs({ command, model }: WorkerSpec, resume: string | null): readonly string[] {
  return [
    ...unless(command, /--output-format\b/, ["--output-format", "stream-json"]),
    ...(model === null ? [] : unless(command, /(?:^|\s)(?:-m|--model)\b/, ["--model", model])),
    ...(resume === null ? [] : unless(command, /--resume\b/, [`--resume=${resume}`])),
  ];
}

/** A command of the user's own making may want to know which model was asked for. */
function genericEnv({ model }: WorkerSpec): Readonly<Record<string, string>> {
  return model === null ? {} : { DISPATCH_MODEL: model };
}

function unless(template: string, present: RegExp, args: readonly string[]): readonly string[] {
  return present.test(template) ? [] : args;
}

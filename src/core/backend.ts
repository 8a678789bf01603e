import { readTemplate, type Template } from "./command-template.ts";
import type { Backend } from "./config.ts";
import type { BackendKind, WorkerSpec } from "./task.ts";

/** A worker's command, ready for a process: no text of a user's is in `script`. */
export interface WorkerCommand {
  /** Whose variables, keys among them, the process needs. */
  readonly kind: BackendKind;
  /** For `bash -c`. Only the config's own template, which takes the rest as arguments. */
  readonly script: string;
  readonly args: readonly string[];
  /** The prompt, where the command reads it from standard input. */
  readonly stdin: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** What the CLIs call their sessions. Anything else is not theirs and is not handed to them. */
const SESSION = /^[A-Za-z0-9][\w.:-]{0,127}$/;

/** The kind that is said, else that of the backend's key, else of the command's first word. Compound commands are generic whatever is said. */
export function backendKind(key: string, { command, kind }: Backend): BackendKind {
  const template = readTemplate(command);
  if (template.compound) return "generic";
  return kind ?? kindOfKey(key) ?? kindOfProgram(template.program) ?? "generic";
}

/**
 * Builds the command of a worker: the template, then what its kind needs and the template does not say yet.
 * @param resume the CLI's session to continue, or null for a new one
 */
export function workerCommand(spec: WorkerSpec, prompt: string, resume: string | null): WorkerCommand {
  const template = readTemplate(spec.command);
  const session = resume !== null && SESSION.test(resume) ? resume : null;
  const script = `${spec.command.trim()} "$@"`;
  // The record of a task may be older than the config: what cannot take arguments gets none.
  const kind = template.compound ? "generic" : spec.kind;
  switch (kind) {
    case "claude":
      return { kind, script, args: claudeArgs(template, session), stdin: prompt, env: claudeEnv(template, spec.model) };
    case "codex":
      return { kind, script, args: codexArgs(template, spec.model, session), stdin: prompt, env: {} };
    case "cursor": {
      const args = [...cursorArgs(template, spec.model, session), asArgument(prompt)];
      return { kind, script, args, stdin: null, env: {} };
    }
    case "generic":
      // Without `"$@"`: behind a comment, a `;` or a `|` it would mean something else than arguments.
      return { kind, script: spec.command.trim(), args: [], stdin: prompt, env: genericEnv(spec.model) };
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

/** The program that a command starts, as far as its text tells; empty for none. */
export function firstWord(command: string): string {
  return readTemplate(command).program;
}

function kindOfKey(key: string): BackendKind | null {
  return key === "claude" || key === "codex" || key === "cursor" ? key : null;
}

/** Cursor's program is called `agent`. A backend of that name may be anybody's. */
function kindOfProgram(path: string): BackendKind | null {
  const program = path.split("/").at(-1) ?? "";
  return /^(?:cursor-)?agent$/.test(program) ? "cursor" : kindOfKey(program);
}

function claudeArgs(template: Template, session: string | null): readonly string[] {
  const format = template.valueOf("--output-format");
  const streams = format === null || format === "stream-json";
  return [
    ...(template.has("-p", "--print") ? [] : ["-p"]),
    ...(format === null ? ["--output-format", "stream-json"] : []),
    // Claude Code refuses to stream without it.
    ...(streams && !template.has("--verbose") ? ["--verbose"] : []),
    ...(session === null || template.has("--resume", "-r", "--continue", "-c") ? [] : ["--resume", session]),
  ];
}

/** Claude Code manages its models itself; the family is handed over by its own variable. */
function claudeEnv(template: Template, model: string | null): Readonly<Record<string, string>> {
  if (model === null || template.has("--model")) return {};
  const family = /opus|sonnet|haiku/i.exec(model)?.[0].toLowerCase();
  return { ANTHROPIC_MODEL: family ?? model };
}

function codexArgs(template: Template, model: string | null, session: string | null): readonly string[] {
  const setsModel = template.has("-m", "--model") || template.words.some((word) => word.startsWith("model="));
  return [
    ...(template.has("--json", "--experimental-json") ? [] : ["--json"]),
    ...(model === null || setsModel ? [] : ["--model", model]),
    // A subcommand, so it comes after all flags.
    ...(session === null || template.has("resume") ? [] : ["resume", session]),
    ...(template.has("-") ? [] : ["-"]),
  ];
}

function cursorArgs(template: Template, model: string | null, session: string | null): readonly string[] {
  return [
    ...(template.has("-p", "--print") ? [] : ["-p"]),
    ...(template.has("--output-format") ? [] : ["--output-format", "stream-json"]),
    ...(model === null || template.has("-m", "--model") ? [] : ["--model", model]),
    // One word: the flag's value is optional, so a word of its own could be taken for the prompt.
    ...(session === null || template.has("--resume", "--continue") ? [] : [`--resume=${session}`]),
  ];
}

/** A command of the user's own making may want to know which model was asked for. */
function genericEnv(model: string | null): Readonly<Record<string, string>> {
  return model === null ? {} : { DISPATCH_MODEL: model };
}

/** Never an option, and without what no argument may hold. */
function asArgument(prompt: string): string {
  const text = prompt.replaceAll("\0", "");
  return text.startsWith("-") ? `\n${text}` : text;
}

import type { Config } from "./config.ts";
import { backendKind } from "./backend.ts";
import { ownText } from "./markdown.ts";
import { Problem } from "./problem.ts";
import type { WorkerSpec } from "./task.ts";

/** The worker that a request asks for. */
export interface Resolved {
  readonly worker: WorkerSpec;
  /** False when the request names no model, so that the default was taken. */
  readonly named: boolean;
}

/** Words after which a name is meant as a name. */
const DIRECTIVE = "(?:use|using|with|via|have|ask|let|dispatch|on|by|--model)";
const CLAUDE_FAMILY = /^(?:claude-)?(?:opus|sonnet|haiku)(?:-[\w.-]+)?$/i;
const OPENAI_FAMILY = /^(?:gpt[\w.-]*|codex[\w.-]*|o[13](?:-[\w.-]+)?|o4-mini[\w.-]*)$/i;
const NAME = "[A-Za-z0-9][\\w.:/-]*";

/**
 * Finds the model or alias that a request names, else the config's default. The last one named wins.
 * @throws Problem "unknown-model" where `--model` names nothing that is known, "unknown-backend" where its backend is missing
 */
export function resolveWorker(request: string, config: Config): Resolved {
  const text = searchable(request);
  const known = lastKnown(text, config);
  const family = lastOfFamily(text, config);
  const explicit = lastExplicit(text);
  const found = [known, family].filter((mention) => mention !== null).sort((a, b) => b.at - a.at)[0] ?? null;
  if (explicit !== null && (found === null || explicit.at > found.at)) throw unknownModel(explicit.name, config);
  return { worker: workerFor(found?.name ?? config.default, config), named: found !== null };
}

interface Mention {
  readonly name: string;
  readonly at: number;
}

/** "in a worktree", "use a worktree", or just "worktree" set apart from the sentence. */
export function wantsWorktree(request: string): boolean {
  return /\b(?:in|use|using|with|on) (?:a |an |its own |a separate |an own )?(?:git )?worktree\b|(?:^|[.,;:!?]\s*|\n\s*|\()worktree(?:$|[.,;:!?)\n])/i.test(
    searchable(request),
  );
}

/** The request without the words that choose its worker: "use opus to fix the login" is about "fix the login". */
export function splitDirective(request: string): string {
  const name = `(?:an? |the )?${NAME}(?: model)?`;
  const leading = new RegExp(
    `^\\s*(?:please\\s+)?(?:(?:use|using|with|via|have|ask|let|dispatch)\\s+${name}\\s+(?:in a worktree\\s+)?(?:(?:to|and|for)\\b\\s*|:\\s*)|(?:have|let)\\s+${name}\\s+|--model[= ]${NAME}\\s+)`,
    "i",
  );
  const trailing = new RegExp(
    `(?:[,.;]?\\s+(?:please\\s+)?(?:--model[= ]${NAME}|(?:using|with|via|use)\\s+(?:opus|sonnet|haiku|codex|gpt[\\w.-]*)[\\w.-]*)|[,.;]?\\s+(?:in|use|using) (?:a |its own )?worktree)\\s*[.!]?\\s*$`,
    "i",
  );
  const stripped = request.replace(leading, "").replace(trailing, "").trim();
  return stripped === "" ? request.trim() : stripped;
}

/** The request without what is quoted, code or an address: names in there are not meant for us. Lengths are kept. */
function searchable(request: string): string {
  const blank = (found: string) => " ".repeat(found.length);
  return ownText(request)
    .replace(/`+[^`\n]*`+/g, blank)
    .replace(/\bhttps?:\/\/\S+/gi, blank)
    .replace(/(?<=^|[\s(])["“][^"”\n]*["”]/g, blank);
}

/** Longest names first, so that "sonnet-4.6" is not read as "sonnet". */
function lastKnown(text: string, config: Config): Mention | null {
  const names = [...Object.keys(config.models), ...Object.keys(config.aliases)].sort((a, b) => b.length - a.length);
  let rest = text;
  let last: Mention | null = null;
  for (const name of names) {
    for (const match of text.matchAll(mentionOf(name))) {
      const at = match.index + match[0].length - name.length;
      if (rest.slice(at, at + name.length).trim() === "") continue;
      rest = rest.slice(0, at) + " ".repeat(name.length) + rest.slice(at + name.length);
      if (last === null || at > last.at) last = { name, at };
    }
  }
  return last;
}

function mentionOf(name: string): RegExp {
  const word = escaped(name);
  const before = "(?<![\\w.@/-])";
  const after = "(?![\\w@/]|[.-]\\w)";
  if (isTelling(name)) return new RegExp(`${before}${word}${after}`, "gi");
  const directive = `(?:\\b${DIRECTIVE}|(?<=\\s|^)--model)[ \\t=]+(?:an? |the |our )?`;
  const ownSentence = "(?:^|[.!?;:\\n])[ \\t]*";
  return new RegExp(`(?:${directive}${before}${word}${after}|${ownSentence}${word}(?=[ \\t]*(?:[.!]?[ \\t]*(?:\\n|$))))`, "gi");
}

/** Names that cannot be ordinary English count wherever they stand. */
function isTelling(name: string): boolean {
  return /[\d-]/.test(name) || /^(?:opus|sonnet|haiku)$/i.test(name);
}

/** A model that the config does not list, of a family that everybody knows, where a model is expected. */
function lastOfFamily(text: string, config: Config): Mention | null {
  const known = new Set([...Object.keys(config.models), ...Object.keys(config.aliases)].map((n) => n.toLowerCase()));
  let last: Mention | null = null;
  for (const match of text.matchAll(directiveNames())) {
    const name = withoutStop(match[1] ?? "");
    if (known.has(name.toLowerCase())) continue;
    if (CLAUDE_FAMILY.test(name) || OPENAI_FAMILY.test(name)) last = { name: name.toLowerCase(), at: match.index };
  }
  return last;
}

function lastExplicit(text: string): Mention | null {
  let last: Mention | null = null;
  for (const match of text.matchAll(new RegExp(`(?<=\\s|^)--model[= \\t]+(${NAME})`, "gi"))) {
    last = { name: withoutStop(match[1] ?? ""), at: match.index + match[0].length - (match[1] ?? "").length };
  }
  return last;
}

function directiveNames(): RegExp {
  return new RegExp(`(?:\\b|(?=--))${DIRECTIVE}[ \\t=]+(${NAME})`, "gi");
}

function withoutStop(name: string): string {
  return name.replace(/[.,:;/-]+$/, "");
}

function workerFor(name: string, config: Config): WorkerSpec {
  const alias = config.aliases[name] ?? null;
  if (alias?.command !== undefined) {
    return { name, model: null, backend: name, kind: "generic", command: alias.command, role: alias.prompt ?? null };
  }
  const model = alias?.model ?? name;
  const backend = backendOf(model, config);
  const template = config.backends[backend];
  if (template === undefined) throw unknownBackend(model, backend, config);
  const kind = backendKind(backend, template);
  return { name, model, backend, kind, command: template.command, role: alias?.prompt ?? null };
}

/** Claude models go to the claude backend and OpenAI's to codex where these are configured, whatever the model's entry says. */
function backendOf(model: string, config: Config): string {
  const configured = config.models[model]?.backend;
  if (configured !== undefined && isCustom(configured, config)) return configured;
  if (CLAUDE_FAMILY.test(model) && "claude" in config.backends) return "claude";
  if (OPENAI_FAMILY.test(model)) {
    if ("codex" in config.backends) return "codex";
    if (configured === undefined && "cursor" in config.backends) return "cursor";
  }
  if (configured !== undefined) return configured;
  throw unknownModel(model, config);
}

/** A backend of the user's own making was chosen for a reason. */
function isCustom(backend: string, config: Config): boolean {
  const template = config.backends[backend];
  return template !== undefined && backendKind(backend, template) === "generic";
}

function unknownModel(name: string, config: Config): Problem {
  const known = [...Object.keys(config.models), ...Object.keys(config.aliases)];
  return new Problem("unknown-model", `Model "${name}" isn't available.`, `Use one of: ${known.join(", ")}.`);
}

function unknownBackend(model: string, backend: string, config: Config): Problem {
  return new Problem(
    "unknown-backend",
    `Model "${model}" wants the backend "${backend}", which \`.github/dispatch.yml\` does not have.`,
    `Add it under \`backends:\`, or use one of: ${Object.keys(config.backends).join(", ")}.`,
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

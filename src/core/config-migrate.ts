import { backendKind } from "./backend.ts";
import { readTemplate } from "./command-template.ts";
import type { Config } from "./config.ts";
import { cannotEdit, type Draft, type Edited } from "./config-draft.ts";
import { type Backend, KNOWN_BACKENDS, type Model, NAME } from "./config-file.ts";
import { withinValue, withKey, without, withValue } from "./config-splice.ts";

/** What becomes of one agent of the old format. */
interface Move {
  readonly agent: string;
  readonly backend: string;
  /** The agent's own name, where its command stays as it is; else the model that the command has named. */
  readonly model: string;
  /** The command without the flag for its model, as it stands in `backends` from now on. */
  readonly command: string;
}

/**
 * Writes what the old format says in the new one, in place: an agent whose command is a CLI that we know plus a model becomes that model
 * on that CLI, and an alias of its old name; any other one becomes a backend and a model of the same name. Comments and the default stay.
 */
export function migrate({ text, config }: Draft): Edited {
  if (!config.oldFormat) return { text, said: "The config is in the new format already." };
  const moves = movesOf(config);
  const done = asBackends(text, moves);
  const withModels = modelsOf(moves).reduce((draft, [name, model]) => put(draft, ["models", name], model), done);
  const aliases = moves.filter(({ agent, model }) => agent !== model);
  const migrated = aliases.reduce((draft, { agent, model }) => put(draft, ["aliases", agent], { model }), withModels);
  const count = moves.length === 1 ? "1 agent" : `${moves.length} agents`;
  return { text: migrated, said: `The config is in the new format now: ${count} became ${becameWhat(moves)}.` };
}

function becameWhat(moves: readonly Move[]): string {
  const aliases = moves.filter(({ agent, model }) => agent !== model).length;
  const parts = [
    counted(new Set(moves.map(({ backend }) => backend)).size, "backend"),
    counted(modelsOf(moves).length, "model"),
    ...(aliases === 0 ? [] : [counted(aliases, "alias", "aliases")]),
  ];
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function movesOf({ backends }: Config): readonly Move[] {
  const moves: Move[] = [];
  for (const [agent, backend] of Object.entries(backends)) {
    const own = { agent, backend: agent, model: agent, command: backend.command };
    const merged = mergedMove(agent, backend, backends);
    // One model on two CLIs: the second keeps its whole command.
    const clashes =
      merged !== null && moves.some((other) => isSame(other.model, merged.model) && other.backend !== merged.backend);
    moves.push(merged === null || clashes ? own : merged);
  }
  // What a merged agent's model is called may be another agent's name.
  return moves.map((move) => {
    const rival = moves.some(
      (other) => other !== move && isSame(other.agent, move.model) && !isSame(other.model, move.model),
    );
    const command = backends[move.agent]?.command ?? move.command;
    return rival ? { agent: move.agent, backend: move.agent, model: move.agent, command } : move;
  });
}

function mergedMove(agent: string, backend: Backend, agents: Config["backends"]): Move | null {
  const kind = backendKind(agent, { command: backend.command });
  if (kind === "generic" || (backend.kind ?? kind) !== kind) return null;
  const command = KNOWN_BACKENDS[kind].command;
  const split = splitModel(backend.command);
  if (!isSame(words(split.command), words(command))) return null;
  // Somebody's own command under the CLI's name stays what it is.
  const namesake = Object.hasOwn(agents, kind) ? agents[kind] : undefined;
  if (namesake !== undefined && !isSame(words(splitModel(namesake.command).command), words(command))) return null;
  // An agent that is called like a family of Claude's means that family.
  const model =
    split.model ?? (kind === "claude" && /^(?:opus|sonnet|haiku)$/i.test(agent) ? agent.toLowerCase() : null);
  if (model === null) return agent === kind ? { agent, backend: kind, model: agent, command } : null;
  return NAME.test(model) ? { agent, backend: kind, model: isSame(model, agent) ? agent : model, command } : null;
}

const MODEL_FLAG = /[ \t\r\n]+(?:--model|-m)(?:[ \t\r\n]+|=)(["']?)([A-Za-z0-9][\w.:/@+-]{0,99})\1(?=\s|$)/;

/** A command, and the model that a flag of it names. Anything but one plain flag stays where it is. */
function splitModel(command: string): { readonly command: string; readonly model: string | null } {
  const found = MODEL_FLAG.exec(command);
  const template = readTemplate(command);
  const model = found?.[2] ?? null;
  if (found === null || model === null || template.compound) return { command, model: null };
  return { command: command.replace(MODEL_FLAG, ""), model };
}

function words(command: string): string {
  return command.replace(/\s+/g, " ").trim();
}

function modelsOf(moves: readonly Move[]): readonly (readonly [string, Model])[] {
  return [...new Map(moves.map(({ model, backend }) => [model, { backend }] as const))];
}

/** The section `agents`, called `backends`: the first agent on a CLI gives it its entry, the others on it go. */
function asBackends(text: string, moves: readonly Move[]): string {
  const seen = new Set<string>();
  let done = text;
  for (const { agent, backend, command } of moves) {
    const path = ["agents", agent];
    const isFirst = !seen.has(backend);
    seen.add(backend);
    done = isFirst ? moved(done, path, backend, command) : sure(without(done, path), path);
  }
  return sure(withKey(done, ["agents"], "backends"), ["agents"]);
}

function moved(text: string, path: readonly string[], backend: string, command: string): string {
  const inPlace = withinValue(text, [...path, "command"], (source) => source.replace(MODEL_FLAG, ""), command);
  const own = withinValue(text, [...path, "command"], (source) => source, command);
  const done = sure(own ?? inPlace, [...path, "command"]);
  return path.at(-1) === backend ? done : sure(withKey(done, path, backend), path);
}

function put(text: string, path: readonly string[], value: Model | { readonly model: string }): string {
  return sure(withValue(text, path, { ...value }), path);
}

function sure(text: string | null, path: readonly string[]): string {
  if (text === null) throw cannotEdit(path, "Write the new format yourself; `docs/config.md` of Dispatch shows it.");
  return text;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

import { Problem } from "./problem.ts";
import { cliOf, type ListedModel, type Setup } from "./setup.ts";
import { CLI_KINDS, type CliKind } from "./setup-clis.ts";
import { byRank, cliOfMaker, makerOf, makerRank } from "./setup-models.ts";
import type { BackendKind, WorkerSpec } from "./task.ts";

/** A model that can be used here, and the CLI that would run it. */
export interface AvailableModel {
  readonly id: string;
  readonly name: string;
  readonly backend: CliKind;
}

/** Whether a kind of backend works on the runner. Nothing is known before doctor's first look, and of CLIs that we do not know. */
export function canRun(setup: Setup | null, kind: BackendKind): "yes" | "no" | "unknown" {
  if (setup === null || kind === "generic") return "unknown";
  const cli = cliOf(setup, kind);
  return cli !== null && cli.access.kind !== "none" ? "yes" : "no";
}

/**
 * The CLI for a model that the config does not name: Claude's models by Claude Code, OpenAI's by Codex and, where that cannot run, by
 * Cursor; every other one by Cursor.
 */
export function cliForModel(model: string, setup: Setup | null): CliKind {
  const own = cliOfMaker(model);
  if (own === "codex") return canRun(setup, "codex") === "no" && canRun(setup, "cursor") === "yes" ? "cursor" : "codex";
  return own ?? "cursor";
}

/** All models that can be used here, each once, by the CLI that comes first for it. Those of one maker stand together, best first. */
export function listedModels(setup: Setup): readonly AvailableModel[] {
  const found = new Map<string, AvailableModel>();
  for (const kind of CLI_KINDS) {
    if (canRun(setup, kind) !== "yes") continue;
    for (const { id, name } of cliOf(setup, kind)?.models ?? []) {
      if (!found.has(id.toLowerCase())) found.set(id.toLowerCase(), { id, name, backend: backendIn(setup, id, kind) });
    }
  }
  return [...found.values()].toSorted((a, b) => makerRank(a.id) - makerRank(b.id) || ownFirst(a, b));
}

/** Cursor lists models of others too; their makers' own CLIs come first where they can run. */
function backendIn(setup: Setup, model: string, lister: CliKind): CliKind {
  const own = cliOfMaker(model);
  return own !== null && canRun(setup, own) === "yes" ? own : lister;
}

/** A maker's stable names come before the versions that somebody else lists. */
function ownFirst(a: AvailableModel, b: AvailableModel): number {
  return Number(isVersioned(a)) - Number(isVersioned(b)) || byRank(a, b);
}

function isVersioned({ id, backend }: AvailableModel): boolean {
  return backend === "claude" && !/^(?:opus|sonnet|haiku)$/i.test(id);
}

/** As many as one looks through without effort. */
const MOST_NOTABLE = 6;

/** The models that are worth a box of their own: the best of every maker first, then the second best, … */
export function notableModels(setup: Setup): readonly AvailableModel[] {
  return inTurn(listedModels(setup)).slice(0, MOST_NOTABLE);
}

/** One of every maker, then the next of every maker, … */
function inTurn<M extends ListedModel>(models: readonly M[]): readonly M[] {
  const groups = [...Map.groupBy(models, ({ id }) => makerOf(id)).values()];
  const deepest = Math.max(0, ...groups.map((group) => group.length));
  return Array.from({ length: deepest }, (_, rank) => groups.flatMap((group) => group[rank] ?? [])).flat();
}

/**
 * Why this worker's model cannot be had here, or null: it can, or nothing is known against it. A CLI or key that is missing for a
 * model of its own maker is not said here; the run says it better, with what to install.
 */
export function unavailable({ kind, model, name }: WorkerSpec, setup: Setup): Problem | null {
  if (kind !== "cursor") return null;
  const cursor = cliOf(setup, "cursor");
  if (canRun(setup, "cursor") === "no") return modelUnavailable(name, namesOf(setup));
  if (model === null || cursor === null || cursor.models.length === 0) return null;
  const isListed = cursor.models.some(({ id }) => id.toLowerCase() === model.toLowerCase());
  return isListed ? null : modelUnavailable(name, namesOf(setup));
}

/** @param names what is available, in the order in which it is to be named */
export function modelUnavailable(name: string, names: readonly string[]): Problem {
  const instead = names.length === 0 ? "" : `Use one of: ${fewOf(names)}. `;
  return new Problem(
    "unknown-model",
    `Model \`${name}\` isn't available.`,
    `${instead}If it has just been added, \`/dispatch doctor\` looks again.`,
  );
}

/** Ids of all models that can be used here, the notable ones first. */
export function namesOf(setup: Setup): readonly string[] {
  return inTurn(listedModels(setup)).map(({ id }) => id);
}

/** The same for what one CLI lists. */
export function namesAmong(models: readonly ListedModel[]): readonly string[] {
  return inTurn(models.toSorted((a, b) => makerRank(a.id) - makerRank(b.id) || byRank(a, b))).map(({ id }) => id);
}

const MOST_NAMES = 20;

function fewOf(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(", ");
  return `${names.slice(0, MOST_NAMES).join(", ")} and ${names.length - MOST_NAMES} more`;
}

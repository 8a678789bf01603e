import { matchesGlob } from "node:path";
import type { EventsConfig, InputConfig } from "@actions/workflow-parser/model/workflow-template";
import type { Json } from "./expression.ts";
import type { Workflow } from "./workflow.ts";

/** Activity types that start a run where the workflow names none. */
const DEFAULT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ["opened", "synchronize", "reopened"],
  pull_request_target: ["opened", "synchronize", "reopened"],
};

interface Filters {
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
  readonly "branches-ignore"?: readonly string[];
  readonly tags?: readonly string[];
  readonly "tags-ignore"?: readonly string[];
  readonly workflows?: readonly string[];
}

export interface TriggerEvent {
  readonly name: string;
  readonly action: string | null;
  /** Full ref that was pushed, for `push`. */
  readonly ref: string | null;
  /** The branch that `branches:` is about: a pull request's base, a workflow run's head. */
  readonly branch: string | null;
  /** Name of the workflow that ran, for `workflow_run`. */
  readonly workflow: string | null;
}

/** Whether this event starts a run of the workflow. */
export function triggers(events: EventsConfig, event: TriggerEvent): boolean {
  const filters = filtersOf(events, event.name);
  if (filters === null) return false;
  const types = filters.types ?? DEFAULT_TYPES[event.name];
  if (types !== undefined && event.action !== null && !types.includes(event.action)) return false;
  if (event.workflow !== null && filters.workflows !== undefined && !filters.workflows.includes(event.workflow))
    return false;
  if (event.ref?.startsWith("refs/tags/"))
    return passes(event.ref.slice(10), filters.tags, filters["tags-ignore"], filters.branches);
  const branch = event.ref?.startsWith("refs/heads/") ? event.ref.slice(11) : event.branch;
  return (
    branch === null ||
    passes(branch, filters.branches, filters["branches-ignore"], event.name === "push" ? filters.tags : undefined)
  );
}

function filtersOf(events: EventsConfig, name: string): Filters | null {
  const config = events[name];
  if (config === undefined) return null;
  return typeof config === "object" && config !== null ? config : {};
}

/** `elsewhere`: a push filtered by tags alone ignores branches, and the other way round. */
function passes(
  name: string,
  wanted?: readonly string[],
  ignored?: readonly string[],
  elsewhere?: readonly string[],
): boolean {
  if (wanted === undefined && ignored === undefined) return elsewhere === undefined;
  if (ignored?.some((pattern) => matchesGlob(name, pattern))) return false;
  if (wanted === undefined) return true;
  return wanted.reduce((hit, pattern) => {
    if (pattern.startsWith("!")) return hit && !matchesGlob(name, pattern.slice(1));
    return hit || matchesGlob(name, pattern);
  }, false);
}

export type Inputs = Readonly<Record<string, Json>>;

/** The inputs of a `workflow_dispatch` run with their defaults, or GitHub's own words for what is wrong with them. */
export function dispatchInputs(
  workflow: Workflow,
  given: Readonly<Record<string, unknown>>,
): { readonly inputs: Inputs } | { readonly error: string } {
  const dispatch = workflow.events.workflow_dispatch;
  if (dispatch === undefined) return { error: "Workflow does not have 'workflow_dispatch' trigger" };
  const known = dispatch.inputs ?? {};
  const unexpected = Object.keys(given).filter((name) => known[name] === undefined);
  if (unexpected.length > 0) return { error: `Unexpected inputs provided: ${JSON.stringify(unexpected)}` };
  if (JSON.stringify(given).length > 65_535) return { error: "inputs are too large." };

  const inputs: Record<string, Json> = {};
  for (const [name, config] of Object.entries(known)) {
    const value = given[name];
    const text = inputText(value ?? config.default ?? "");
    const error = inputError(name, text, config);
    if (error !== null) return { error };
    inputs[name] = isBoolean(config) ? text === "true" : text;
  }
  return { inputs };
}

function inputError(name: string, text: string, config: InputConfig): string | null {
  if (text === "") return config.required === true ? `Required input '${name}' not provided` : null;
  if (isBoolean(config) && text !== "true" && text !== "false") {
    return `Provided value '${text}' for input '${name}' is not a boolean`;
  }
  if (config.options === undefined || config.options.includes(text)) return null;
  return `Provided value '${text}' for input '${name}' not in the list of allowed values`;
}

function isBoolean({ type }: InputConfig): boolean {
  // The parser publishes its enum as a type alone, so that the value is compared as the text it is.
  return ["boolean"].includes(type);
}

function inputText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

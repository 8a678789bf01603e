import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { replacer } from "@actions/expressions/data/replacer";
import { reviver } from "@actions/expressions/data/reviver";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `github`, `env`, `steps`, … as an expression sees them. */
export type Contexts = Readonly<Record<string, Json>>;

export type JobStatus = "success" | "failure" | "cancelled";

/** What `success()`, `failure()` and `cancelled()` answer. A skipped need is neither success nor failure. */
export type Status = JobStatus | "skipped";

/** Evaluates GitHub's expression language; `${{` and `}}` are gone already. */
export function evaluate(expression: string, contexts: Contexts, status: Status = "success"): Json {
  const functions = statusFunctions(status);
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  const scope = new data.Dictionary(...Object.entries(contexts).map(([key, value]) => ({ key, value: toData(value) })));
  return fromData(new Evaluator(tree, scope, new Map(functions.map((each) => [each.name, each]))).evaluate());
}

/** What an event holds, as the JSON that it becomes. */
export function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

/** Whether a value counts as true in an `if:`. */
export function truthy(value: Json): boolean {
  return value !== null && value !== false && value !== 0 && value !== "" && !Number.isNaN(value);
}

/** A value as it stands in a script or an environment variable. */
export function asText(value: Json): string {
  return toData(value).coerceString();
}

function toData(value: Json): data.ExpressionData {
  return JSON.parse(JSON.stringify(value), reviver);
}

function fromData(value: data.ExpressionData): Json {
  return JSON.parse(JSON.stringify(value, replacer) ?? "null");
}

function statusFunctions(status: Status) {
  return Object.entries({
    always: true,
    success: status === "success",
    failure: status === "failure",
    cancelled: status === "cancelled",
  }).map(([name, holds]) => ({ name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(holds) }));
}

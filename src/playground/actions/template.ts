import type { TemplateToken } from "@actions/workflow-parser/templates/tokens/index";
import { asText, type Contexts, evaluate, type Json, type Status } from "./expression.ts";
import { parser } from "./parser.ts";

/** Text between `${{` and `}}`, not evaluated yet. Text around it has become a `format()` call. */
export class Expression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A part of a workflow file in which some values are still expressions. */
export type Template = string | number | boolean | null | Expression | readonly Template[] | TemplateMap;
export interface TemplateMap {
  readonly [key: string]: Template;
}

export function toTemplate(token: TemplateToken): Template {
  if (parser.isBasicExpression(token)) return new Expression(token.expression);
  if (parser.isString(token) || parser.isNumber(token) || parser.isBoolean(token)) return token.value;
  if (parser.isSequence(token)) return Array.from(token, toTemplate);
  if (!parser.isMapping(token)) return null;
  return Object.fromEntries(Array.from(token, ({ key, value }) => [key.toString(), toTemplate(value)]));
}

/** Puts values in the place of expressions. */
export function resolve(template: Template, contexts: Contexts, status?: Status): Json {
  if (template instanceof Expression) return evaluate(template.text, contexts, status);
  if (isList(template)) return template.map((part) => resolve(part, contexts, status));
  if (!isMap(template)) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, resolve(value, contexts, status)]));
}

/** A mapping such as `env:` or `with:`, as text; nothing at all for an absent one. */
export function resolveTexts(template: Template | undefined, contexts: Contexts): Record<string, string> {
  if (template === undefined || template === null) return {};
  const value = resolve(template, contexts);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asText(part)]));
}

export function isMap(template: Template | undefined): template is TemplateMap {
  return typeof template === "object" && template !== null && !isList(template) && !(template instanceof Expression);
}

export function isList(template: Template | undefined): template is readonly Template[] {
  return Array.isArray(template);
}

/** The mapping under this key, or an empty one. */
export function mapAt(template: TemplateMap, key: string): TemplateMap {
  const part = template[key];
  return isMap(part) ? part : {};
}

export function textAt(template: TemplateMap, key: string): string | null {
  const part = template[key];
  return typeof part === "string" ? part : typeof part === "number" || typeof part === "boolean" ? String(part) : null;
}

import { visibleText } from "./visible-text.ts";

const MAX_LABEL = 40;
/** More than these are no picture any more. */
const MAX_NODES = 50;

/**
 * A Mermaid flowchart of what waits for what; empty where nothing does.
 * @param parts `after` holds the places, from 0, of those that come before
 */
export function orderDiagram(parts: readonly { readonly label: string; readonly after: readonly number[] }[]): string {
  const shown = parts.slice(0, MAX_NODES);
  const arrows = shown.flatMap(({ after }, index) =>
    [...new Set(after)]
      .filter((before) => Number.isInteger(before) && before >= 0 && before < shown.length && before !== index)
      .map((before) => `  t${before + 1} --> t${index + 1}`),
  );
  if (arrows.length === 0) return "";
  const nodes = shown.map(({ label }, index) => `  t${index + 1}["${quotable(label) || index + 1}"]`);
  return ["```mermaid", "flowchart LR", ...nodes, ...arrows, "```"].join("\n");
}

/** Mermaid has no escapes but its own entities, and reads HTML and Markdown in labels: only what is harmless stays as it is. */
function quotable(label: string): string {
  const line = visibleText(label).replace(/\s+/g, " ").trim();
  const letters = [...line];
  const short =
    letters.length > MAX_LABEL
      ? `${letters
          .slice(0, MAX_LABEL - 1)
          .join("")
          .trimEnd()}…`
      : line;
  return short.replace(/[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} .,!?'…-]/gu, (sign) => `#${sign.codePointAt(0)};`);
}

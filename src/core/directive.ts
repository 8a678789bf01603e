import { searchable } from "./mention.ts";

/** Names of models as people write them, whatever a config may say. */
const MODEL =
  "(?:(?:claude-)?(?:\\d[\\d.-]*-)?(?:opus|sonnet|haiku)(?:-[\\w.]+)*|gpt[\\w.-]*\\d[\\w.-]*|codex(?:-[\\w.]+)*|o[13](?:-[\\w.]+)*|o4-mini(?:-[\\w.]+)*" +
  "|(?:gemini|grok|deepseek|kimi|composer|qwen|glm|mistral|llama)[\\w.:-]*\\d[\\w.:-]*)";
/** An alias says what it is by its ending: "security-reviewer". */
const ALIAS = "[a-z][\\w]*(?:-[\\w]+)*-[a-z]+(?:er|or)";
const TREE =
  "(?:in|inside|using|use|with|on) (?:an? |its own |a separate |a new |a fresh |an isolated )?(?:git )?worktree";

const LEADING = [
  new RegExp(`^please,?\\s+(?=(?:use|using|have|ask|let|dispatch|via|with|in)\\s)`, "i"),
  new RegExp(
    `^(?:use|using|have|ask|let|dispatch|via|with)\\s+(?:the\\s+)?(?:model\\s+)?(?:${MODEL}|(?:claude|gpt|${ALIAS})(?=\\s+to\\s|[:,]))(?:\\s+model)?(?:\\s+${TREE})?(?:\\s+(?:to|and)(?:\\s+|:\\s*)|[:,]\\s*|\\s+(?=\\S))`,
    "i",
  ),
  new RegExp(`^${MODEL}(?:\\s+to\\s+|[:,]\\s*)`, "i"),
  new RegExp(`^--model[= ]\\S+\\s+`, "i"),
  new RegExp(`^${TREE}(?:[,:]\\s*|\\s+(?:to|and)\\s+)`, "i"),
];
const TRAILING = [
  new RegExp(
    `[,.;]?\\s+(?:please\\s+)?(?:using|with|via|use|by)\\s+(?:the\\s+)?(?:model\\s+)?(?:${MODEL}|${ALIAS})(?:,?\\s+please)?[.!]?$`,
    "i",
  ),
  new RegExp(`[.!?;]\\s+${MODEL}[.!]?$`, "i"),
  new RegExp(`\\s--model[= ]\\S+$`, "i"),
  new RegExp(`[,.;]?\\s+(?:and\\s+)?${TREE}[.!]?$`, "i"),
  new RegExp(`[,;]\\s*worktree[.!]?$`, "i"),
];
/** Longer than any directive. */
const REACH = 200;

/** The request without the words that choose its worker: "use opus to fix the login" is about "fix the login". */
export function splitDirective(request: string): string {
  const [first = "", ...others] = request.trim().split("\n");
  const line = stripped(first);
  const rest = others.length === 0 ? "" : stripped(`${line}\n${others.join("\n")}`);
  return (rest || line) === "" ? request.trim() : rest || line;
}

function stripped(text: string): string {
  let current = text.trim();
  // Each pass takes at least a word away, and nobody stacks more directives than this.
  for (let pass = 0; pass < 6; pass += 1) {
    const next = withoutEnd(withoutStart(current)).trim();
    if (next === current || next === "") return next === "" ? "" : current;
    current = next;
  }
  return current;
}

function withoutStart(text: string): string {
  const head = LEADING.reduce((rest, directive) => rest.replace(directive, ""), text.slice(0, REACH));
  return head + text.slice(REACH);
}

function withoutEnd(text: string): string {
  const from = Math.max(0, text.length - REACH);
  return text.slice(0, from) + TRAILING.reduce((rest, directive) => rest.replace(directive, ""), text.slice(from));
}

const ASKS_FOR_TREE =
  /\b(?:in|inside|into|use|using|with|via|on) (?:(?:an?|its|their|his|own|separate|fresh|new|isolated|different|clean|git) ){0,4}worktree\b(?! (?:add|command|support|handling|code|list|path|director|folder|flag|option|feature|logic|manage|test|bug))|(?:^|[.,;:!?()[\]\n–—]|\s-)\s*(?:git )?worktree\s*(?:$|[.,;:!?()[\]\n])|(?:^|\s)--worktree\b/i;
const AT_THE_END = /(?:^|\s)\S+ (\S+) worktree[.!]?$/i;
const ABOUT_TREES =
  /^(?:an?|the|this|that|each|every|any|my|our|your|its|git|new|old|broken|stale|of|for|about|per|no|create|add|remove|delete|fix|support|and|or)$/i;
const REFUSES_TREE = /(?:\b(?:without|no|not in|not use)|n['’]t use) (?:an? |any |its own |the )?(?:git )?worktree/i;

/** "in a worktree", "use a worktree", or just "worktree" attached to a task. */
export function wantsWorktree(request: string): boolean {
  const text = searchable(request)
    .replace(/[ \t]+/g, " ")
    .trim();
  if (REFUSES_TREE.test(text)) return false;
  const word = AT_THE_END.exec(text.slice(-REACH))?.[1];
  return ASKS_FOR_TREE.test(text) || (word !== undefined && !ABOUT_TREES.test(word));
}

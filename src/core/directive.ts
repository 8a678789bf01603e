import { searchable } from "./mention.ts";

/** Names of models as people write them, whatever a config may say. */
const MODEL =
  "(?:(?:claude-)?(?:\\d[\\d.-]*-)?(?:opus|sonnet|haiku)(?:-[\\w.]+)*|gpt[\\w.-]*\\d[\\w.-]*|codex(?:-[\\w.]+)*|o[13](?:-[\\w.]+)*|o4-mini(?:-[\\w.]+)*" +
  "|(?:gemini|grok|deepseek|kimi|composer|qwen|glm|mistral|llama)[\\w.:-]*\\d[\\w.:-]*)";
/** An alias says what it is by its ending: "security-reviewer". */
const ALIAS = "[a-z][\\w]*(?:-[\\w]+)*-[a-z]+(?:er|or)";
const TREE =
  "(?:in|inside|using|use|with|on) (?:an? |its own |a separate |a new |a fresh |an isolated )?(?:git )?worktree";

/** A number, or a task's id with its suffix. */
const REFERENCE = "`?(?:\\d{1,2}|[a-z\\d]+(?:-[a-z\\d]+)*-[a-z2-7]{4})`?";
const REFERENCES = `(?:the )?(?:(?:tasks?|items?|steps?|numbers?) )?${REFERENCE}(?:(?:,| and| &|, and|-| und| et| y) ?${REFERENCE}){0,10}`;
const OTHERS = "(?:all )?(?:the )?(?:others|rest|previous one)|everything else|all other tasks";
const ENDED = "(?:is|are|has|have) (?:all |both )?(?:been )?(?:done|finished|ready|complete|completed|merged)";
/** What a task waits for: words that tell nothing about the task itself. */
const ORDER = `(?:after (?:${REFERENCES}|${OTHERS})(?: ${ENDED})?|(?:when|once|as soon as) (?:${REFERENCES}|${OTHERS}|\`?[a-z\\d]+(?:-[a-z\\d]+)+\`?) ${ENDED}|depends on ${REFERENCES})`;
const THEN =
  "(?:(?:and )?(?:then|after that|afterwards|next(?=[,:])|finally(?=[,:]|\\s(?:use|have|let|ask|dispatch)\\b)|lastly|danach|dann|puis|ensuite|luego|después|затем|потом)(?![\\p{L}\\p{N}_-]))";
const PLAN = "(?:plan (?:it |this )?first|(?:show me|make|write) (?:a|the) plan first)";
/** What an item or a sentence about order is followed by. */
const PAUSE =
  "(?:[,:.]\\s*(?:(?:and )?then\\s+)?|\\s+(?=(?:use|using|have|let|ask|dispatch|with|in|via|and then|then)\\s))";

const LEADING = [
  new RegExp(`^${THEN}[,:]?\\s+(?=\\S)`, "iu"),
  new RegExp(`^(?:only )?${ORDER}${PAUSE}`, "iu"),
  new RegExp(`^(?:please )?${PLAN}(?:[,:.]\\s*(?:(?:and )?then\\s+)?|\\s+and\\s+(?:then\\s+)?)`, "iu"),
  /^in (?:a|an|its own|their own|separate) worktrees?[,:]?\s+(?=(?:use|using|have|let|ask)\s)/iu,
  new RegExp(`^please,?\\s+(?=(?:use|using|have|ask|let|dispatch|via|with|in)\\s)`, "i"),
  new RegExp(
    `^(?:use|using|have|ask|let|dispatch|via|with)\\s+(?:the\\s+)?(?:model\\s+)?(?:${MODEL}|(?:claude|gpt|${ALIAS})(?=\\s+to\\s|[:,]))(?:\\s+model)?(?:\\s+${TREE})?(?:\\s+(?:to|and)(?:\\s+|:\\s*)|[:,]\\s*|\\s+(?=\\S))`,
    "i",
  ),
  new RegExp(`^(?:\\*\\*|__|\\[|\\()${MODEL}:?(?:\\*\\*|__|\\]|\\))(?:\\s+to\\s+|[:,]?\\s+)`, "i"),
  new RegExp(`^${MODEL}(?:\\s+to\\s+|[:,]\\s*)`, "i"),
  new RegExp(`^--model[= ]\\S+\\s+`, "i"),
  new RegExp(`^${TREE}(?:[,:]\\s*|\\s+(?:to|and)\\s+)`, "i"),
];
const TRAILING = [
  new RegExp(`(?:[,.;]?\\s+(?:but |and |do (?:it|this) )?(?:only )?${ORDER}|\\s+\\((?:only )?${ORDER}\\))[.!]?$`, "iu"),
  new RegExp(`[,.;]\\s+(?:but |please )?${PLAN}(?:,? please)?[.!]?$`, "iu"),
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

const ABOUT_CODE =
  "(?! (?:add|command|support|handling|code|list|path|director|folder|flag|option|feature|logic|manage|test|bug|page|tab|view|api|docs?|documentation))";
const DETERMINERS =
  "(?:(?:an?|its|their|his|own|separate|fresh|new|isolated|different|clean|git|eine[mn]|eigene[mn]|einen|un|des|propre|propio|separado|отдельном|отдельный) ){0,4}";
/** "in a worktree", "use worktrees", "in einem eigenen Worktree", "worktreeで". */
const ASKS_FOR_TREE = new RegExp(
  [
    `(?<![\\p{L}\\p{N}_-])(?:in|inside|into|use|using|with|via|on|mit|nutze|benutze|verwende|dans|avec|utilise|en|con|usa|usando|в) ${DETERMINERS}worktrees?(?![\\w-])${ABOUT_CODE}`,
    "(?:^|[.,;:!?()[\\]\\n–—]|\\s-)\\s{0,3}(?:git )?worktrees?\\s{0,3}(?:$|[.,;:!?()[\\]\\n–—])",
    "(?:^|\\s)--worktree(?![\\w-])",
    "(?:在|用|使用)(?:一个|单独的|独立的|一個|單獨的|獨立的)? ?worktree|worktree ?(?:中|里|裡|で|を使|에서|로)",
  ].join("|"),
  "iu",
);
const AT_THE_END = /(?:^|\s)\S+ (\S+) worktree[.!]?$/i;
const ABOUT_TREES =
  /^(?:an?|the|this|that|each|every|any|my|our|your|its|git|new|old|broken|stale|of|for|about|per|no|create|add|remove|delete|fix|support|and|or)$/i;
const REFUSES_TREE =
  /(?:\b(?:without|no|not in|not use|ohne|kein|keinen|sans|sin|pas de)|n['’]t use) (?:an? |any |its own |the |einen? |un )?(?:git |separate )?worktrees?\b/i;

/**
 * "in a worktree", "use a worktree", or just "worktree" attached to a task.
 * @param remarks what the same comment says to all of its tasks; the task's own words count more
 */
export function wantsWorktree(request: string, remarks = ""): boolean {
  const own = treeWish(request);
  return own === "none" ? treeWish(remarks) === "wanted" : own === "wanted";
}

function treeWish(request: string): "wanted" | "refused" | "none" {
  const text = searchable(request)
    .replace(/[ \t]+/g, " ")
    .trim();
  if (REFUSES_TREE.test(text)) return "refused";
  const word = AT_THE_END.exec(text.slice(-REACH))?.[1];
  return ASKS_FOR_TREE.test(text) || (word !== undefined && !ABOUT_TREES.test(word)) ? "wanted" : "none";
}

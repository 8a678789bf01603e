import { searchable } from "./mention.ts";

const START = "(?:start|begin|proceed|go (?:on|ahead)|work|code|do|make|write|touch|change|implement|build|commit|run)";
const STARTING =
  "(?:(?:you|he|she|it|they|anybody|anyone) )?(?:\\w{1,12} )?(?:start|begin|cod|work|do|mak|writ|touch|chang|implement|build|commit)\\w*";
const PLAN = "(?:(?:a|the|your|its|me a|me the|me your|us a|us the|us your) )?(?:\\w{1,12} )?plan";
const SHOW = "(?:make|write|draft|propose|present|prepare|create|show|give|send|post|share|start with|come up with)";
/** A sentence, or a part of one, begins. */
const OPENS = "(?:^|[.,;:!?()\\n–—]\\s{0,3}|\\b(?:and|then|but|please|so|to) )(?:please,? )?";
const CLOSES = "(?=\\s{0,3}(?:$|[.,;:!?()\\n–—]|(?:and|then|before|please|so|for|in|with)\\b))";
const CONSENT =
  "(?:(?:i|we)(?: have|['’]ve)? (?:\\w{1,12} )?(?:approved?|agreed?|confirm(?:ed)?|say|said|seen|ok(?:ay)?(?:ed)?|look(?:ed)?|review(?:ed)?|gave|given?|sign(?:ed)?)|(?:my|our) (?:approval|ok(?:ay)?|go(?:[- ]ahead)?|confirmation|consent|word|sign-?off|green light))";

const ENGLISH = [
  `${OPENS}(?:just )?plan (?:(?:it|this|that|everything|the work|them|all of (?:it|this|them)) )?(?:out )?(?:first|only|before ${STARTING})${CLOSES}`,
  `${OPENS}plan[- ]first${CLOSES}`,
  `\\b${SHOW} ${PLAN}(?: of [^.;\\n]{0,40}| for [^.;\\n]{0,40})? (?:first|before ${STARTING}|and (?:then )?(?:wait|stop|let me|ask))`,
  `${OPENS}(?:first,? )(?:${SHOW} )?${PLAN}${CLOSES}`,
  `\\bbefore ${STARTING}\\b[^.;\\n]{0,40}[, ]${SHOW} ${PLAN}\\b`,
  `\\b(?:with|start with|begin with|need|want|needs) (?:a |the )?plan first${CLOSES}`,
  `${OPENS}(?:just|only) plan(?: (?:it|this|that))?(?=\\s{0,3}(?:$|[.,;!\\n]))`,
  `${OPENS}(?:(?:do not|don['’]?t|never|you (?:must|should) not) (?:\\w{1,12} )?${START}\\b|do nothing\\b|no (?:code|changes?|work|commits?)\\b)[^.;\\n]{0,40}\\b(?:before|until|till|unless|without) ${CONSENT}`,
  `\\bwait (?:for|until you have|till you have) (?:my|our) (?:approval|ok(?:ay)?|go(?:[- ]ahead)?|confirmation|consent|sign-?off|green light|review)\\b`,
  `\\bwait (?:until|till) (?:i|we)(?: have|['’]ve)? (?:approved?|agreed?|confirm(?:ed)?|say|said|ok(?:ay)?(?:ed)?|reviewed?)\\b`,
  `(?:^|[.;!?\\n]\\s{0,3}|\\bplan(?:,| and| then|, then) )wait for (?:approval|an? ok|confirmation|the go[- ]ahead)${CLOSES}`,
  `\\b(?:ask|check with|get back to) (?:me|us)(?: for (?:my )?(?:approval|ok))? before ${STARTING}\\b`,
  `\\b(?:i|we)(?:['’]d like| want| would like| need| have)? (?:to |must )?(?:approve|see|review|check|sign off) (?:the|your) plan(?: first| before\\b|${CLOSES})`,
  `\\blet (?:me|us) (?:approve|see|review|check|have a look at|look at) (?:the|your|a) plan\\b`,
  `\\b(?:get|needs?|requires?) my approval (?:first|before)\\b`,
];

const OTHERS = [
  "\\b(?:erst|zuerst|vorher)\\b[^.;\\n]{0,25}\\bplan(?:en|e|st)?\\b",
  "\\bplane? (?:das |es |alles )?(?:erst|zuerst|vorher)\\b",
  "\\bplan zuerst\\b",
  "\\bwarte auf meine? (?:freigabe|zustimmung|ok|bestätigung)",
  "\\bd['’]abord\\b[^.;\\n]{0,25}\\bplan",
  "\\bplan (?:en premier|d['’]abord)",
  "\\battends (?:mon (?:accord|approbation|feu vert)|ma validation)",
  "\\bprimero\\b[^.;\\n]{0,25}\\bplan",
  "\\bplan primero\\b",
  "\\bespera (?:a )?mi (?:aprobación|visto bueno)",
  "\\bprimeiro\\b[^.;\\n]{0,25}\\bplan",
  "先[^。；\\n]{0,6}(?:计划|規劃|规划|計畫|方案)",
  "(?:まず|先に|最初に)[^。\\n]{0,6}(?:計画|プラン)",
  "(?:먼저|우선)[^.\\n]{0,8}계획|계획(?:을|부터)? ?먼저",
  "сначала[^.;\\n]{0,25}план",
];

const PHRASE = new RegExp([...ENGLISH, ...OTHERS].join("|"), "iu");
const REFUSED =
  /(?:\b(?:no|without|skip|not|need)\b|n['’]t)[^.;\n]{0,20}\bplan\b[^.;\n]{0,12}\bfirst\b|\bno need (?:to|for)\b[^.;\n]{0,15}\bplan/i;
const VERB =
  /^(?:please,?\s+)?plan(?:\s*[:,]\s*|\s+)(?:first\s*[,:]\s*(?:(?:and\s+)?then\s+)?|(?:(?:and\s+)?then|out|and|to|for)\s+(?=\S))?([\s\S]+)$/i;

/** "plan first", "show me the plan before you start", "wait for my approval": no work before somebody has approved of the plan. */
export function wantsPlanFirst(request: string): boolean {
  const text = searchable(request).replace(/[ \t]+/g, " ");
  return PHRASE.test(text) && !REFUSED.test(text);
}

/** What `plan <task>` wants planned; null for other words. */
export function plannedTask(text: string): string | null {
  const rest = VERB.exec(text.trimStart())?.[1]?.trim() ?? "";
  // "plan it first, then …", "plan first and …" are phrases of the task's own.
  return rest === "" || wantsPlanFirst(text) ? null : rest;
}

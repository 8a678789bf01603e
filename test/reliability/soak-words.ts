import type { Dice } from "./soak-dice.ts";

/** A comment that asks for work, and the tasks that must come of it: no fewer, no more. */
export interface Wish {
  readonly text: string;
  readonly tasks: number;
}

/** What somebody could ask for. `nr` makes every wish one of its own. */
export function wish(dice: Dice, nr: number): Wish {
  const model = dice.pick(["opus", "sonnet", "haiku"]);
  const list = `- Sort the drawer ${nr}\n- Label the drawer ${nr}`;
  const kind = dice.weighted({ endpoint: 30, list: 15, asking: 20, planFirst: 10, two: 10, noModel: 8, chain: 7 });
  switch (kind) {
    case "endpoint":
      return { text: `/dispatch use ${model} to add a /path-${nr} endpoint`, tasks: 1 };
    case "list":
      return { text: `/dispatch use ${model} to tidy up room ${nr}\n\n${list}`, tasks: 1 };
    case "asking":
      return {
        text: `/dispatch use ${model} to paint wall ${nr}\n\n- Clean wall ${nr}\n- Which colour for wall ${nr}?\n- Dry wall ${nr}`,
        tasks: 1,
      };
    case "planFirst":
      return { text: `/dispatch plan use ${model} to tidy up attic ${nr}\n\n${list}`, tasks: 1 };
    case "two":
      return {
        text: `/dispatch use ${model} to tidy up room ${nr}\n\n${list}\n\n/dispatch use haiku to sweep the yard ${nr}\n\n- Sweep the yard ${nr}`,
        tasks: 2,
      };
    case "noModel":
      return { text: `/dispatch tidy up the cellar ${nr}\n\n${list}`, tasks: 1 };
    case "chain":
      return {
        text: `/dispatch please do these:\n\n1. use ${model} to empty shed-${nr}\n2. use haiku to lock shed-${nr} after 1`,
        tasks: 2,
      };
  }
}

/** Talk that Dispatch has nothing to do with, whatever is open in the thread. */
export function smallTalk(dice: Dice): string {
  return dice.pick([
    "@octocat have you seen this?",
    "@hubot and @mona: lunch at noon?",
    "> Which colour?",
    "/approve",
    "@octocat we once wrote `/dispatch use opus to dance` in here.",
  ]);
}

export function configSentence(dice: Dice, nr: number): string {
  return dice.pick([
    `/dispatch add gpt-5.${nr} to my config`,
    "/dispatch switch default to sonnet",
    "/dispatch create a careful-reviewer alias using opus",
  ]);
}

/** Words that are found again wherever they come to lie. */
export function answerWords(dice: Dice, nr: number): string {
  return `${dice.pick(["JSON with the uptime", "Something plain", "Blue, a little darker", "Whatever is cheapest"])} (answer ${nr})`;
}

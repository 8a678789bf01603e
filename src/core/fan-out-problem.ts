import { Problem } from "./problem.ts";

export function tooMany(count: number, most: number): Problem {
  return new Problem(
    "too-many-tasks",
    `This comment asks for ${count} tasks at once; ${most} are the most.`,
    "Write the first ones in one comment, and the others in a further one.",
  );
}

/** @param numbers of tasks that wait for each other */
export function inACircle(numbers: readonly number[]): Problem {
  return new Problem(
    "dependency-cycle",
    `Tasks ${listed(numbers.map(String))} wait for each other, so none of them could ever start.`,
    "Write the command again, and let at least one of them start by itself.",
  );
}

export function noSuchPart(number: number, count: number): Problem {
  return new Problem(
    "no-such-part",
    `Something is to wait for number ${number}, but ${count === 1 ? "this comment asks for one task only" : `there is none of the ${count} tasks of this comment with that number`}.`,
    "Write the command again with a number that is there.",
  );
}

export function noSuchTask(name: string): Problem {
  return new Problem(
    "no-such-task",
    `Something is to wait for \`${name}\`, but no task of this conversation is called that.`,
    "`/dispatch status` lists the tasks; write the command again with one of their names.",
  );
}

export function ambiguous(name: string, ids: readonly string[]): Problem {
  return new Problem(
    "ambiguous-task",
    `Something is to wait for \`${name}\`, which fits several tasks: ${listed(ids.slice(0, 10).map((id) => `\`${id}\``))}.`,
    "Write the command again with the whole name of the one you mean.",
  );
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

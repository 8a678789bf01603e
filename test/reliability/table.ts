import { isClean } from "../crash/verdict.ts";
import type { Outcome } from "./story.ts";
import { nameTrial, type Trial } from "./trials.ts";

export interface Row {
  readonly trial: Trial;
  readonly outcome: Outcome;
}

/** Each kind of call with each blow, then all of them: what was tried, and what came of it. A pair counts where its first blow is. */
export function tableOf(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const { hosting, story, strikes } = row.trial;
    const [first] = strikes;
    if (first === undefined) continue;
    const key = `${hosting}/${story} ${first.caller} ${first.call} × ${first.blow}${strikes.length > 1 ? " and one more" : ""}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const lines = [...groups].map(([key, group]) => `${figures(group)}  ${key}`);
  return [HEADINGS.join(" "), ...lines, `${figures(rows)}  all`].join("\n");
}

const HEADINGS = ["trials", "not fallen", "deaths", "retries", "lost", "twice", "duplicates", "wrong"] as const;

function figures(rows: readonly Row[]): string {
  const sum = (count: (outcome: Outcome) => number) => rows.reduce((total, { outcome }) => total + count(outcome), 0);
  const counts: Readonly<Record<(typeof HEADINGS)[number], number>> = {
    trials: rows.length,
    "not fallen": sum(({ fell }) => (fell ? 0 : 1)),
    deaths: sum(({ victims }) => victims),
    retries: sum(({ retries }) => retries),
    lost: sum(({ verdict }) => Math.min(1, verdict.lost.length)),
    twice: sum(({ verdict }) => Math.min(1, verdict.twice.length)),
    duplicates: sum(({ verdict }) => Math.min(1, verdict.duplicates.length)),
    wrong: sum(({ verdict }) => Math.min(1, verdict.wrong.length)),
  };
  return HEADINGS.map((heading) => String(counts[heading]).padStart(heading.length)).join(" ");
}

/** One trial as it went, with the name that tells it again. */
export function lineOf({ trial, outcome }: Row): string {
  const { verdict, fell, victims, after, retries, runs } = outcome;
  const wrong = Object.values(verdict).flat();
  const calls = [...after].map(([caller, times]) => `${caller} ${times}`).join(", ");
  const how = fell ? (victims > 0 ? `${victims} died, then called: ${calls}` : "fell") : "did not fall";
  return `${isClean(verdict) ? "ok" : `NOT OK: ${wrong.join("; ")}`}  ${nameTrial(trial)}  (${how}; retries ${retries}, runs ${runs})`;
}

import type { Config } from "./config.ts";
import type { Conversation } from "./conversation.ts";
import { plainLine } from "./safe-text.ts";
import { paragraphs } from "./task-text.ts";

/** What became of a change that somebody asked for. */
export interface Proposed {
  /** One sentence for every change. */
  readonly said: readonly string[];
  /** Where it can be merged; null where there was nothing to change. */
  readonly url: string | null;
  /** Of the pull request; null where GitHub has not let us open it, or there was nothing to change. */
  readonly number: number | null;
}

const MOST_NAMES = 60;
const LONGEST_ROLE = 120;

/** The config in force: what can be named, and what is set otherwise than it would be without a file. */
export function renderConfig(
  mark: string,
  config: Config,
  { configFrom, setup }: Pick<Conversation, "configFrom" | "setup">,
): string {
  return paragraphs(
    `${mark}\n### Config`,
    `${SOURCES[configFrom ?? (setup === null ? "built-in" : "found")]} The default is \`${config.default}\`.`,
    modelTable(config),
    aliasTable(config),
    settingsList(config),
    config.oldFormat
      ? "The file is in the old format, which works as before. `/dispatch migrate my config` proposes the new one."
      : null,
    "To change it, say so: `/dispatch switch default to …`, `/dispatch add … to my config`. A pull request shows you the change first.",
  );
}

const SOURCES = {
  repository: "From `.github/dispatch.yml` on the default branch.",
  organisation:
    "From the organisation's `.github` repository; a `.github/dispatch.yml` of this repository's own would go before it.",
  found: "There is no `.github/dispatch.yml`: these are the models that `/dispatch doctor` has found.",
  "built-in": "There is no `.github/dispatch.yml`: these are the built-in settings.",
} as const;

function modelTable({ models, default: name, oldFormat }: Config): string | null {
  const rows = Object.entries(models).map(
    ([model, { backend }]) =>
      `| \`${model}\`${model === name ? " (default)" : ""} | ${oldFormat ? "its own command" : backend} |`,
  );
  return table(oldFormat ? "| agent | runs on |" : "| model | runs on |", rows);
}

function aliasTable({ aliases, default: name }: Config): string | null {
  const rows = Object.entries(aliases).map(([alias, { model, prompt }]) => {
    const role = prompt === undefined ? "" : plainLine(prompt, LONGEST_ROLE).replaceAll("|", "\\|");
    return `| \`${alias}\`${alias === name ? " (default)" : ""} | \`${model}\` | ${role} |`;
  });
  return table("| alias | model | role |", rows);
}

function table(head: string, rows: readonly string[]): string | null {
  if (rows.length === 0) return null;
  const line = head.replace(/[^|]+/g, "---");
  const more = rows.length > MOST_NAMES ? `\n\n… and ${rows.length - MOST_NAMES} more.` : "";
  return `${[head, line, ...rows.slice(0, MOST_NAMES)].join("\n")}${more}`;
}

/** What differs from the built-in settings, key by key as the file spells them. */
function settingsList({ confirmDefault, keep, commanders, bots, forks, settings }: Config): string | null {
  const { answerTimeout, timeout, budgetUsd, pullRequest, isolation, signoff, env } = settings;
  const lines = [
    setting("confirm_default", confirmDefault, true),
    setting("answer_timeout", minutes(answerTimeout), minutes(10)),
    setting("timeout", minutes(timeout), minutes(330)),
    setting("budget_usd", budgetUsd, null),
    setting("pull_request", pullRequest, "draft"),
    setting("isolation", isolation, "user"),
    setting("signoff", signoff, false),
    setting("keep", `${keep} days`, "30 days"),
    setting("commanders", typeof commanders === "string" ? commanders : names(commanders), "write"),
    setting("bots", names(bots), ""),
    setting("forks", forks, "refuse"),
    setting("env", names(env), ""),
  ].filter((line) => line !== null);
  return lines.length === 0 ? null : `Set otherwise than built in:\n\n${lines.join("\n")}`;
}

function setting<T extends string | number | boolean | null>(key: string, value: T, builtIn: T): string | null {
  return value === builtIn ? null : `- \`${key}\`: ${String(value)}`;
}

function names(list: readonly string[]): string {
  return list
    .slice(0, MOST_NAMES)
    .map((name) => `\`${name}\``)
    .join(", ");
}

function minutes(count: number): string {
  if (count % 60 === 0) return `${count / 60} h`;
  return count < 1 ? `${Math.round(count * 60)} s` : `${Number(count.toFixed(2))} min`;
}

/** What was changed, and where it can be merged. */
export function renderConfigChanged(mark: string, { said, url, number }: Proposed): string {
  const list = said.map((sentence) => `- ${plainLine(sentence, 500)}`).join("\n");
  if (url === null) return `${mark}\nNothing is left to change:\n\n${list}`;
  if (number !== null) {
    return `${mark}\n📝 Proposed in [#${number}](${url}):\n\n${list}\n\nMerge it, and it counts from the next command on.`;
  }
  return paragraphs(
    `${mark}\n📝 Ready to be proposed:`,
    list,
    `GitHub did not let me open the pull request, but the change is pushed: **[Open the pull request](${url})**.`,
    'So that I can do it myself, turn on "Allow GitHub Actions to create and approve pull requests" in the settings under Actions → General, or give me `pull-requests: write`.',
  );
}

const FORMS = [
  ["/dispatch config", "show it"],
  ["/dispatch switch default to sonnet", "another default"],
  ["/dispatch add gpt-5.3 to my config", "a model; “using cursor” says which CLI runs it"],
  ["/dispatch remove gpt-5.2 from my config", "a model or an alias less"],
  ["/dispatch create a security-reviewer alias using opus", "an alias; “with the prompt …” gives it a role"],
  ["/dispatch config set answer_timeout 30m", "any other key"],
  ["/dispatch migrate my config", "the new format instead of the old"],
] as const;

/** For a sentence that speaks of the config and cannot be understood. */
export function renderConfigForms(mark: string, text: string): string {
  return paragraphs(
    `${mark}\nI take “${plainLine(text, 200)}” to be about the config, but do not understand what to change, so nothing was started. These forms I know:`,
    ["| write | for |", "|---|---|", ...FORMS.map(([usage, effect]) => `| \`${usage}\` | ${effect} |`)].join("\n"),
    "If you meant a task, say it in other words, such as `/dispatch please look at …`.",
  );
}

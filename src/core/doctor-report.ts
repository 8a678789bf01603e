import type { Config } from "./config.ts";
import { findings } from "./doctor-checks.ts";
import type { Finding } from "./doctor-finding.ts";
import type { Problem } from "./problem.ts";
import type { Setup } from "./setup.ts";

const SYMBOLS = { ok: "✅", warning: "⚠️", fix: "❌" } as const;

/** What doctor has to say, as Markdown: how things stand, then what to do about what does not. */
export function renderDoctorReport(setup: Setup, config: Config | Problem): string {
  const all = findings(setup, config);
  const rows = all.map(({ level, what, found }) => `| ${SYMBOLS[level]} | ${what} | ${cell(found)} |`);
  return `${[
    `**${headline(all)}**`,
    ["| | | |", "|---|---|---|", ...rows].join("\n"),
    ...section("To fix", "fix", all),
    ...section("Good to know", "warning", all),
    `What a run cannot see:\n\n${unseen(setup)
      .map((line) => `- ${line}`)
      .join("\n")}`,
  ].join("\n\n")}\n`;
}

function headline(all: readonly Finding[]): string {
  const count = all.filter(({ level }) => level === "fix").length;
  if (count === 0) return "Everything is set up.";
  return `${count} ${count === 1 ? "thing" : "things"} to fix.`;
}

function section(title: string, wanted: "fix" | "warning", all: readonly Finding[]): readonly string[] {
  const lines = all.flatMap((finding) => (finding.level === wanted ? [`- **${finding.what}**: ${finding.todo}`] : []));
  return lines.length === 0 ? [] : [`### ${title}\n\n${lines.join("\n")}`];
}

/** A bar would end the cell; where it is escaped already it stays so. */
function cell(text: string): string {
  return text.replace(/(?<!\\)\|/g, "\\|");
}

/** Said every time, so that nobody takes silence for a yes. */
function unseen({ config }: Setup): readonly string[] {
  const organisation =
    config.organisation === "unseen"
      ? [
          "whether the organisation's repository `.github` holds a config: there is none, or the run's token may not read it",
        ]
      : [];
  return [
    "whether Actions may open pull requests: Settings → Actions → General → “Allow GitHub Actions to create and approve pull requests”. Where it is off, results come with a link to open the pull request by hand",
    ...organisation,
  ];
}

import type { WorkSummary } from "../flows/machine-ports.ts";
import type { OwnRepository } from "./git-own-repository.ts";

export const NOTHING: WorkSummary = { commits: 0, files: [], insertions: 0, deletions: 0 };

/** What stands at `head` beyond the base. */
export async function summarize(own: OwnRepository, head: string | null): Promise<WorkSummary> {
  const base = await own.get("base");
  if (head === null || base === null) return NOTHING;
  const fork = await forkPoint(own, base, head);
  const [commits, changes] = await Promise.all([
    own.git(["rev-list", "--count", head, "--not", base]),
    own.git(["diff", "--numstat", "-z", "--no-renames", fork, head]),
  ]);
  const rows = changes.stdout.split("\0").flatMap((row) => {
    const [insertions = "", deletions = "", file] = row.split("\t");
    return file === undefined ? [] : [{ insertions, deletions, file }];
  });
  return {
    commits: Number(commits.stdout),
    files: rows.map(({ file }) => file),
    insertions: sum(rows.map(({ insertions }) => insertions)),
    deletions: sum(rows.map(({ deletions }) => deletions)),
  };
}

/** Lines of the messages of those commits beyond the base that carry this trailer. */
export async function savedLines(own: OwnRepository, head: string, trailer: string): Promise<readonly string[]> {
  const base = await own.get("base");
  const range = base === null ? [head] : [head, "--not", base];
  const { stdout } = await own.git(["log", "--format=%B%x00", ...range]);
  const messages = stdout.split("\0").map((message) => message.split("\n").map((line) => line.trim()));
  return messages.filter((lines) => lines.includes(trailer)).flat();
}

async function forkPoint(own: OwnRepository, base: string, head: string): Promise<string> {
  const find = () => own.git(["merge-base", base, head], { allow: [1] });
  const shallow = await find();
  if (shallow.code === 0) return shallow.stdout.trim();
  await own.deepen();
  const whole = await find();
  return whole.code === 0 ? whole.stdout.trim() : base;
}

/** Binary files have "-" for a count. */
function sum(counts: readonly string[]): number {
  return counts.reduce((total, count) => total + (Number(count) || 0), 0);
}

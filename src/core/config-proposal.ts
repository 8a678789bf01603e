import { commitLine, person, plainLine } from "./safe-text.ts";

/** Who asked for a change, and where. */
export interface Asked {
  /** A login. */
  readonly by: string;
  /** Number of the conversation; null for none. */
  readonly thread: number | null;
}

const HEAD =
  "Changes of `.github/dispatch.yml` that were asked for in conversations. They count from the next command on after the merge.";
/** More than anybody asks for in one pull request; GitHub cuts at 65,536 characters. */
const MOST_LINES = 100;

/** The pull request's words with further changes: what stood there stays, people's own lines included. */
export function proposalBody(present: string | null, said: readonly string[], { by, thread }: Asked): string {
  const where = thread === null ? "" : `, #${thread}`;
  const added = said.map((sentence) => `- ${plainLine(sentence, 300)} (${person(by)}${where})`);
  const lines = (present ?? "").replace(/\r\n?/g, "\n").trimEnd().slice(0, 50_000).split("\n");
  const last = lines.findLastIndex((line) => line.startsWith("- "));
  if (last < 0) return [HEAD, "", ...added].join("\n");
  const entries = lines.filter((line) => line.startsWith("- ")).length;
  const kept =
    entries > MOST_LINES
      ? lines.slice(
          0,
          lines.findIndex((line) => line.startsWith("- ")),
        )
      : lines.slice(0, last + 1);
  return [...kept, ...added, ...lines.slice(last + 1)].join("\n");
}

/** One commit for one command. */
export function proposalMessage(said: readonly string[]): string {
  const lines = said.map((sentence) => commitLine(sentence.replaceAll("`", ""), 300));
  const [only = "Change the config"] = lines;
  return lines.length === 1
    ? `Dispatch config: ${only.replace(/\.$/, "")}`
    : `Change the Dispatch config\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

export const PROPOSAL_TITLE = "Change the Dispatch config";
export const FIRST_TITLE = "Set up Dispatch";

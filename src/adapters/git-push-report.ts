import { type GitResult, ownWords } from "./git-command.ts";

export type PushReport =
  | { readonly kind: "ok" }
  /** Somebody else was faster: the remote's branch holds commits that ours does not. */
  | { readonly kind: "behind" }
  | { readonly kind: "refused"; readonly sentence: string };

/** Reads what `git push --porcelain` of one branch has said. */
export function readPushReport({ code, stdout, stderr }: GitResult): PushReport {
  if (code === 0) return { kind: "ok" };
  const [, reason = ""] = /^!\t\S+\t(.*)$/m.exec(stdout) ?? [];
  if (reason.startsWith("[rejected]") || isLostRace(`${reason} ${stderr}`)) return { kind: "behind" };
  const words = remoteWords(stderr) || reason.replace(/^\[[^\]]*\]\s*\(?|\)$/g, "") || ownWords(stderr);
  return { kind: "refused", sentence: words.slice(0, 1000) };
}

/** The remote compares once more when it writes; losing there is the same as having been late. */
function isLostRace(text: string): boolean {
  // A branch called like our folder will be in the way for ever.
  if (/exists; cannot create/.test(text)) return false;
  return /cannot lock ref|failed to update ref|incorrect old value|reference already exists/.test(text);
}

function remoteWords(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).flatMap((line) => /^remote:(.*)$/.exec(line)?.[1] ?? []);
  return lines
    .map((line) => withoutControls(line).trim())
    .filter(
      (line) =>
        /\w/.test(line) && !/^(?:Resolving deltas|(?:Counting|Compressing|Enumerating) objects|Total \d)/.test(line),
    )
    .join(" ");
}

function withoutControls(line: string): string {
  return line.replace(/\u001b\[[\d;]*[A-Za-z]/g, "").replace(/[\u0000-\u001f\u007f]/g, "");
}

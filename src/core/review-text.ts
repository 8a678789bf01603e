import { type RepositoryName, taskFileUrl } from "./links.ts";
import { renderMark } from "./marker.ts";
import type { Finding, Review } from "./review.ts";
import { plainLine, workerText } from "./safe-text.ts";
import type { Task, TaskRef } from "./task.ts";
import { paragraphs } from "./task-text.ts";

/** One pull request review, as GitHub is asked for it. */
export interface ReviewText {
  readonly body: string;
  readonly comments: readonly ReviewCommentText[];
}

interface ReviewCommentText {
  readonly path: string;
  readonly line: number;
  /** Null for one line. */
  readonly startLine: number | null;
  readonly body: string;
}

interface ReviewView {
  readonly task: Task;
  readonly ref: TaskRef;
  readonly review: Review;
  readonly inline: readonly Finding[];
  /** For the review's own text. */
  readonly elsewhere: readonly Finding[];
  readonly repository: RepositoryName;
}

// GitHub takes 65,536 characters in each; whatever else there is to say always fits beside these.
const ROOM_FOR_COMMENT = 8_000;
const ROOM_FOR_SUMMARY = 10_000;
const ROOM_FOR_LIST = 40_000;
const ROOM_IN_LIST = 3_000;

/** A task's findings as a review: comments at their lines, and a list of those that GitHub takes at no line. */
export function renderReview({ task, ref, review, inline, elsewhere, repository }: ReviewView): ReviewText {
  const summary = review.summary ?? `What was found for “${plainLine(task.title)}”.`;
  const { leftOut } = review;
  const body = paragraphs(
    workerText(summary, ROOM_FOR_SUMMARY),
    elsewhere.length === 0 ? null : list(elsewhere, taskFileUrl(repository, ref, "review.json"), inline.length === 0),
    leftOut === 0 ? null : `_${leftOut === 1 ? "1 finding" : `${leftOut} findings`} could not be read._`,
  );
  return {
    body: `${renderMark({ kind: "review", ref, attempt: task.attempt })}\n${body}`,
    comments: inline.flatMap((finding) => {
      const { path, line, startLine } = finding;
      return line === null ? [] : [{ path, line, startLine, body: comment(finding) }];
    }),
  };
}

function comment({ body, suggestion }: Finding): string {
  return paragraphs(
    workerText(body, ROOM_FOR_COMMENT),
    suggestion === null ? null : fencedCode(suggestion, "suggestion"),
  );
}

function list(findings: readonly Finding[], url: string, isAll: boolean): string {
  const shown: string[] = [];
  let left = ROOM_FOR_LIST;
  for (const [index, finding] of findings.entries()) {
    const text = entry(finding);
    left -= text.length + 2;
    if (left < 0) {
      const rest = findings.length - index;
      shown.push(`… and ${rest} more ${rest === 1 ? "finding" : "findings"}: [all of them](${url})`);
      break;
    }
    shown.push(text);
  }
  return paragraphs(isAll ? null : "**On lines that this pull request does not show:**", ...shown);
}

function entry({ path, line, startLine, body, suggestion }: Finding): string {
  const lines = line === null ? "" : startLine === null ? `:${line}` : `:${startLine}-${line}`;
  const code = suggestion === null || suggestion === "" ? null : fencedCode(suggestion.slice(0, ROOM_IN_LIST), "");
  return paragraphs(
    `**\`${path.replaceAll("`", "'")}${lines}\`**`,
    workerText(body, ROOM_IN_LIST),
    code === null ? null : `Suggested instead:\n\n${code}`,
  );
}

/** Code that must stay as it is: no line of it can end the block. */
function fencedCode(code: string, language: string): string {
  const longest = Math.max(2, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code === "" ? "" : `${code}\n`}${fence}`;
}

import { expect, it } from "vitest";
import type { ReviewText } from "../../src/core/review-text.ts";
import { renderTask, type Task, type TaskState } from "../../src/core/task.ts";
import { postReview } from "../../src/flows/post-review.ts";
import { DONE, FAILED, REPOSITORY, sampleTask } from "../core/sample-task.ts";
import { MemoryLog } from "./memory-ports.ts";

const FINDINGS = [
  { path: "a.js", line: 1, body: "In the diff." },
  { path: "a.js", line: 9, body: "Outside." },
];
const PULL = { thread: { kind: "pull", number: 2 } } as const;

/** What is posted for a task that has left this behind. `refuses`: GitHub takes no comments at lines. */
async function posted({
  state = DONE,
  task = PULL,
  review = JSON.stringify(FINDINGS),
  refuses = false,
}: {
  readonly state?: TaskState;
  readonly task?: Partial<Task>;
  readonly review?: string | null;
  readonly refuses?: boolean;
}) {
  const taken: ReviewText[] = [];
  const log = new MemoryLog();
  const reviews = {
    changedFiles: () => Promise.resolve([{ path: "a.js", patch: "@@ -0,0 +1,2 @@\n+one\n+two" }]),
    post(_: number, text: ReviewText) {
      if (refuses && text.comments.length > 0) return Promise.resolve("refused" as const);
      taken.push(text);
      return Promise.resolve("posted" as const);
    },
  };
  const files = {
    "task.yaml": renderTask(sampleTask(state, task)),
    ...(review === null ? {} : { "review.json": review }),
  };
  await postReview(files, { reviews, repository: REPOSITORY, log });
  return { taken, warnings: log.warnings };
}

it("posts findings at their lines, and the others in the review's text", async () => {
  const { taken } = await posted({});
  expect(taken).toMatchObject([{ comments: [{ path: "a.js", line: 1, body: "In the diff." }] }]);
  expect(taken[0]?.body).toContain("**`a.js:9`**\n\nOutside.");
  expect(taken[0]?.body).not.toContain("In the diff.");
});

it("puts all of them into the text where GitHub takes none at a line", async () => {
  const { taken } = await posted({ refuses: true });
  expect(taken).toMatchObject([{ comments: [] }]);
  expect(taken[0]?.body).toContain("In the diff.");
  expect(taken[0]?.body).toContain("Outside.");
});

it.each([
  { what: "without findings", given: { review: null } },
  { what: "with none among them", given: { review: '{"summary": "All fine.", "findings": []}' } },
  { what: "that was not finished", given: { state: FAILED } },
  { what: "on an issue", given: { task: {} } },
])("posts nothing for a task $what", async ({ given }) => {
  expect(await posted(given)).toEqual({ taken: [], warnings: [] });
});

it("says in the log that findings cannot be read", async () => {
  const { taken, warnings } = await posted({ review: "looks good" });
  expect(taken).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining("review.json")]);
});

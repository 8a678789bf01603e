import { expect } from "vitest";
import { logText } from "../../src/core/log-text.ts";
import { actions } from "../core/github-reader.ts";

const LIMIT = 65_536;
const OURS = /<!-- dispatch:(?:status|question|ask|result|review|overview|reply|warm-up|do) [^<>]*? -->/g;

/** What our own texts do on GitHub: they call mona, link our pull request, fold, and have boxes that lead to a control. */
function isOurs(action: string): boolean {
  const [, kind = "", text = ""] = /^([A-Za-z ]+): ([\s\S]*)$/.exec(action) ?? [];
  switch (kind) {
    case "HTML":
      return !/[<>]/.test(withoutFolding(text.replace(OURS, "")));
    case "box":
      return /<!-- dispatch:do [^<>]+ -->$/.test(text);
    case "mention":
      return (text.match(/@[a-z\d][\w-]*/gi) ?? []).every((name) => name === "@mona");
    case "reference":
      return (text.match(/#\d+|GH-\d+/gi) ?? []).every((number) => number === "#1" || number === "#12");
    case "closing":
      return /^Closes #1$/.test(text);
    case "link to an issue":
      // What stands in backticks is no address, and leads nowhere.
      return /\/octo-org\/hello\/(?:issues\/1|pull\/12)(?:#issuecomment-\d+)?$|^%60/.test(text);
    default:
      return false;
  }
}

/** A fold's title is a sentence of ours. */
function withoutFolding(html: string): string {
  return html.replace(/<details>|<\/details>|<summary>[^<>@#]*<\/summary>|<\/?(?:sub|code)>|<br>/g, "");
}

export function expectToFit(body: string): void {
  expect(body.length).toBeLessThanOrEqual(LIMIT);
}

/** That a body of ours fits, does nothing on GitHub but what we mean, and is marked as ours once, at its beginning, if at all. */
export function expectHarmless(body: string): void {
  expectToFit(body);
  expect(actions(body).filter((action) => !isOurs(action))).toEqual([]);
  const marks = Array.from(body.matchAll(/<!--\s*dispatch:(\S*)/gi), ({ index, 1: kind }) => ({ index, kind }));
  expect(marks.filter(({ kind, index }) => kind !== "do" && index > 0)).toEqual([]);
  expect(body).not.toMatch(/<!--\s*dispatch:[^>]*1\/forged-abcd(?![\w-])/i);
  expect(body.isWellFormed()).toBe(true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  expect(body).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]|[\u202a-\u202e\u2066-\u2069]/);
}

/** That a line is fit for a commit's message or a title, where nothing is code. */
export function expectPlain(line: string): void {
  expect(line).not.toMatch(/(?:^|[^A-Za-z0-9])@[a-z\d]|#\d|\bGH-\d|\/issues\/\d|[\r\n]|\[(?:skip ci|ci skip)\]/i);
}

const COMMANDS = new Set([
  ..."add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher save-state set-env".split(
    " ",
  ),
  ..."set-output stop-commands warning internal-set-repo-path x".split(" "),
]);

/** Reads a line of a job's log as GitHub's runner does. */
function commandIn(line: string): string | null {
  const now = /^[\s\u0085]*::([^\s:]*)(?: [\s\S]*?)?::/.exec(line)?.[1];
  const old = /##\[([^\s\]]*)[^\]]*\]/.exec(line)?.[1];
  return [now, old].find((name) => name !== undefined && COMMANDS.has(name)) ?? null;
}

/** That nothing in a text is a command to the runner once it stands in the log. */
export function expectQuiet(text: string): void {
  const lines = logText(text).split(/\r\n|[\r\n\u0085\u2028\u2029]/);
  expect(lines.map(commandIn).filter((command) => command !== null)).toEqual([]);
}

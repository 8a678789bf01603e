import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findCommands, mayNameTask, readCommand } from "../../src/core/command.ts";
import type { Command } from "../../src/core/command-meaning.ts";
import { type Config, readConfig } from "../../src/core/config.ts";
import type { ConfigChange } from "../../src/core/config-change.ts";
import { readParts, type TaskPart } from "../../src/core/fan-out.ts";
import { resolveWorker, wantsWorktree } from "../../src/core/model.ts";
import { Problem } from "../../src/core/problem.ts";
import { taskTitle } from "../../src/core/task-id.ts";

const FIXTURE = readFileSync(new URL("../fixtures/sentences.md", import.meta.url), "utf8");
const CONFIG = readConfig(/```yaml\n([\s\S]*?)```/.exec(FIXTURE)?.[1] ?? "");
const TASKS = [...(/^Known tasks: (.+)$/m.exec(FIXTURE)?.[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, id = ""]) => id);

interface Row {
  readonly section: string;
  readonly line: number;
  readonly written: string;
  readonly meaning: string;
}

/** The rows of all tables. A line that looks like a row and is none stops everything. */
function rowsOf(fixture: string): readonly Row[] {
  let section = "";
  return fixture.split("\n").flatMap((text, index) => {
    if (text.startsWith("## ")) section = text.slice(3);
    if (!text.startsWith("|") || /^\|[-| ]+\|$/.test(text) || text.startsWith("| what somebody writes")) return [];
    const cells = /^\| (.*[^ ]) \| ([^|]*[^ |]) \|$/.exec(text);
    if (cells === null || section === "") throw new Error(`Line ${index + 1} of sentences.md is no row: ${text}`);
    return [{ section, line: index + 1, written: unfolded(cells[1] ?? ""), meaning: cells[2] ?? "" }];
  });
}

function unfolded(cell: string): string {
  return cell.replaceAll("<br>", "\n").replaceAll("\\|", "|").replaceAll("␍", "\r").replaceAll("␠", " ");
}

const ROWS = rowsOf(FIXTURE);

describe.each(Object.entries(Object.groupBy(ROWS, ({ section }) => section)))("%s", (_, rows = []) => {
  it.each([...rows])("$line: $written", ({ written, meaning }) => {
    const title = / called “([^”]*)”/.exec(meaning);
    const toAll = /; to all: “([^”]*)”/.exec(meaning);
    const parts: TaskPart[] = [];
    const plain = meaning.replace(/,? called “[^”]*”/, "").replace(/; to all: “[^”]*”/, "");
    expect(meaningOf(written, parts)).toBe(plain);
    if (title !== null) expect(taskTitle(parts[0]?.text ?? "")).toBe(title[1]);
    if (toAll !== null) for (const { remarks } of parts) expect(remarks.replace(/\s+/g, " ")).toBe(toAll[1]);
  });
});

it("holds enough sentences, each of them once", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(170);
  expect(new Set(ROWS.map(({ written }) => written)).size).toBe(ROWS.length);
  expect(TASKS).toHaveLength(4);
});

it("needs the thread's tasks only where it says so", () => {
  for (const { written } of ROWS) {
    for (const { text } of findCommands(written)) {
      if (mayNameTask(text)) continue;
      const [alone, among] = [[], TASKS].map((ids) => readCommand(text, ids));
      expect(alone).toEqual(among);
      if (among?.kind !== "task") continue;
      const wanted = [{ ...among, nth: 0 }];
      expect(tasksMeaning(wanted, [], [])).toBe(tasksMeaning(wanted, [], TASKS));
    }
  }
});

/** The meaning in the fixture's words; what is found on the way goes into `parts`. */
function meaningOf(body: string, parts: TaskPart[]): string {
  const read = findCommands(body).map(({ text, nth }) => ({ nth, command: readCommand(text, TASKS) }));
  if (read.length === 0) return "nothing";
  const wanted = read.flatMap(({ nth, command }) => (command.kind === "task" ? [{ ...command, nth }] : []));
  let taken = false;
  const meanings = read.flatMap(({ command }) => {
    if (command.kind !== "task") return [controlMeaning(command)];
    if (taken) return [];
    taken = true;
    return [tasksMeaning(wanted, parts)];
  });
  return meanings.join(" / ");
}

function tasksMeaning(
  wanted: Parameters<typeof readParts>[0],
  parts: TaskPart[],
  ids: readonly string[] = TASKS,
): string {
  try {
    parts.push(...partsOf(wanted, ids));
    const meanings = parts.map((part) => partMeaning(part, parts));
    return meanings.length === 1 ? `task, ${meanings[0]}` : `${meanings.length} tasks: ${meanings.join("; ")}`;
  } catch (error) {
    if (error instanceof Problem) return `problem: ${error.code}`;
    throw error;
  }
}

function partsOf(wanted: Parameters<typeof readParts>[0], taskIds: readonly string[]): readonly TaskPart[] {
  return readParts(wanted, { taskIds, names: (text) => namesModel(text, CONFIG) });
}

function namesModel(text: string, config: Config): boolean {
  try {
    return resolveWorker(text, config).named;
  } catch (error) {
    if (error instanceof Problem) return true;
    throw error;
  }
}

function partMeaning({ text, remarks, planFirst, after }: TaskPart, parts: readonly TaskPart[]): string {
  const own = resolveWorker(text, CONFIG);
  const { named, worker } = own.named ? own : resolveWorker(remarks, CONFIG);
  const earlier = after.map((one) => (one.kind === "task" ? one.id : String(one.index + 1)));
  expect(after.every((one) => one.kind === "task" || one.index < parts.length)).toBe(true);
  return [
    named ? worker.name : "default model",
    ...(planFirst ? ["plan first"] : []),
    ...(wantsWorktree(text, remarks) ? ["worktree"] : []),
    ...(earlier.length > 0 ? [`after ${earlier.join(" and ")}`] : []),
  ].join(", ");
}

function controlMeaning(command: Exclude<Command, { kind: "task" }>): string {
  switch (command.kind) {
    case "warm-up":
    case "help":
    case "doctor":
      return command.kind;
    case "status":
    case "cancel":
    case "approve":
    case "skip":
    case "cleanup":
      return words(command.kind, command.task);
    case "retry":
      return words("retry", command.task, command.model && `with ${command.model}`);
    case "answer":
      return words("answer", command.task, command.question, quoted(command.text));
    case "note":
      return words("note", command.task, quoted(command.text));
    case "unclear": {
      const { verb, model, question, text, candidates } = command;
      const rest = words(verb, question, text && quoted(text), model && `with ${model}`);
      return `which task to ${rest}? (${candidates.join(", ")})`;
    }
    case "config":
      return `config: ${configMeaning(command.request)}`;
  }
}

function configMeaning(request: Extract<Command, { kind: "config" }>["request"]): string {
  switch (request.kind) {
    case "show":
      return "show";
    case "unreadable":
      return "not understood";
    case "change":
      return request.changes.map(changeMeaning).join(", ");
  }
}

function changeMeaning(change: ConfigChange): string {
  switch (change.kind) {
    case "set-default":
      return `default = ${change.name}`;
    case "add-model":
      return words("add", change.name, change.backend && `on ${change.backend}`);
    case "add-alias":
      return words("alias", change.name, "=", change.model, change.prompt && quoted(change.prompt));
    case "remove":
      return words("remove", change.name);
    case "set":
      return `${change.key} = ${change.value}`;
    case "migrate":
    case "mend-codex":
      return change.kind;
  }
}

function words(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" ");
}

function quoted(text: string): string {
  return `“${text.replace(/\s+/g, " ")}”`;
}

import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

// src/core/mailbox.ts
/** `ipcPath("001", "answer")` is `ipc/001.answer`. */
function ipcPath(number, kind) {
	return `ipc/${number}.${kind}`;
}

// src/worker/world.ts
const EXIT = {
	ok: 0,
	failed: 1,
	/** The command was not understood. */
	usage: 64,
	/** No answer yet; ask again. */
	notYet: 75,
	/** Nobody has answered in time. */
	tooLate: 76
};
/** Something that the worker can put right; its message is all that it gets to see. */
var HelperError = class extends Error {
	exit;
	constructor(message, exit = EXIT.failed) {
		super(message);
		this.exit = exit;
	}
};

// src/worker/task-folder.ts
/** A lock that is older than this was left by a helper that was killed. */
const STALE_LOCK_MS = 1e4;
/** The folder that the environment names, else the only task's folder around here. */
function findTaskFolder(environment, directory) {
	const named = environment["DISPATCH_TASK_FOLDER"];
	if (named !== void 0 && named !== "") return named;
	for (let level = directory;; level = dirname(level)) {
		const found = taskFoldersIn(join(level, ".dispatch", "tasks"));
		const [only] = found;
		if (found.length === 1 && only !== void 0) return only;
		if (found.length > 1) throw new HelperError("There are several tasks here: set DISPATCH_TASK_FOLDER to the folder of yours.");
		if (level === dirname(level)) break;
	}
	throw new HelperError("No task's folder was found: set DISPATCH_TASK_FOLDER, or go to the checkout that holds .dispatch/tasks/.");
}
function taskFoldersIn(tasks) {
	if (!existsSync(tasks)) return [];
	return readdirSync(tasks, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(tasks, name)).filter((folder) => existsSync(join(folder, "plan.md")));
}
function readText(path) {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
		throw error;
	}
}
/** Readers see the old text or the new one, never a part. */
function writeWhole(path, text) {
	mkdirSync(dirname(path), { recursive: true });
	const temporary = `${path}.${process.pid}.tmp`;
	writeFileSync(temporary, text);
	renameSync(temporary, path);
}
/** Lets one helper at a time change the folder: an agent may run several at once. */
async function locked(folder, { now, sleep }, change) {
	const lock = join(folder, ".lock");
	mkdirSync(folder, { recursive: true });
	const deadline = now() + 2 * STALE_LOCK_MS;
	while (!tryLock(lock)) {
		if (now() > deadline) throw new HelperError(`Another dispatch-worker holds ${lock}; remove it if none runs.`);
		const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
		if (since !== void 0 && now() - since > STALE_LOCK_MS) unlock(lock);
		else await sleep(20);
	}
	try {
		return change();
	} finally {
		unlock(lock);
	}
}
function tryLock(lock) {
	try {
		mkdirSync(lock);
		return true;
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
		throw error;
	}
}
function unlock(lock) {
	try {
		rmdirSync(lock);
	} catch {}
}

// src/worker/ask.ts
/** Agents' tools cut calls off at two minutes; Gemini's also those that are silent for long. */
const DEFAULT_WAIT_SECONDS = 100;
const SIGN_OF_LIFE_MS = 2e4;
const LOOK_MS = 250;
const DEFAULT_ANSWER_SECONDS = 600;
/** Puts a question to the people in the thread, and waits a while for the answer. */
async function askQuestion(folder, { text, options }, world) {
	const list = options.map((option) => `- ${option.replace(/\s+/g, " ").trim()}`);
	const question = [text, ...list.length > 0 ? ["", ...list] : []].join("\n");
	const number = await locked(folder, world, () => {
		const free = nextNumber(folder);
		writeWhole(join(folder, ipcPath(free, "question")), `${question}\n`);
		return free;
	});
	world.print(`Asked, as question ${number}. Waiting for the answer.`);
	return waitForAnswer(folder, {
		number,
		attempt: 1
	}, world);
}
/** Waits for an answer as long as one call of a tool may take, and says what to do next where there is none. */
async function waitForAnswer(folder, { number, attempt }, world) {
	const padded = /^\d{1,3}$/.test(number) ? number.padStart(3, "0") : number;
	const question = join(folder, ipcPath(padded, "question"));
	if (!/^\d{3}$/.test(padded) || !existsSync(question)) throw new HelperError(`There is no question "${number}". Ask with: dispatch-worker ask "text"`, EXIT.usage);
	const from = world.now();
	const until = from + seconds(world.environment["DISPATCH_WAIT_SECONDS"], DEFAULT_WAIT_SECONDS);
	const limit = seconds(world.environment["DISPATCH_ANSWER_TIMEOUT"], DEFAULT_ANSWER_SECONDS);
	const tooLate = statSync(question).mtimeMs + limit;
	let spoken = from;
	for (;;) {
		const answer = readText(join(folder, ipcPath(padded, "answer")));
		if (answer !== null) return take(folder, padded, answer, world);
		const now = world.now();
		if (now >= tooLate) return giveUp(folder, question, limit, world);
		if (now >= until) return tryAgain(padded, attempt + 1, world);
		if (now - spoken >= SIGN_OF_LIFE_MS) {
			spoken = now;
			world.print(`Still waiting for the answer to ${padded} (${Math.round((now - from) / 1e3)} s).`);
		}
		await world.sleep(Math.min(LOOK_MS, Math.max(1, Math.min(until, tooLate) - now)));
	}
}
function take(folder, number, answer, world) {
	writeWhole(join(folder, ipcPath(number, "done")), "");
	world.print(`Answer:\n${answer.trimEnd()}`);
	return EXIT.ok;
}
function tryAgain(number, attempt, world) {
	world.print(`No answer yet. Run this next: dispatch-worker wait ${number} ${attempt}`);
	return EXIT.notYet;
}
function giveUp(folder, question, limitMs, world) {
	const line = (readText(question) ?? "").split("\n")[0] ?? "";
	world.print([
		`No answer has come within ${Math.round(limitMs / 6e4)} minutes. Do this now:`,
		`1. Write what the next worker has to know to ${join(folder, "context.md")}: what you did, what you found, what is left.`,
		`2. Mark the item as blocked: dispatch-worker block "${line.replace(/["\\$`]/g, "")}"`,
		"3. End. The answer is welcome any time, and starts a run that goes on from there."
	].join("\n"));
	return EXIT.tooLate;
}
function nextNumber(folder) {
	const used = (existsSync(join(folder, "ipc")) ? readdirSync(join(folder, "ipc")) : []).map((name) => Number(/^(\d{3})\.(?:question|answer|done)$/.exec(name)?.[1] ?? 0));
	const next = Math.max(0, ...used) + 1;
	if (next > 999) throw new HelperError("There are no numbers left for another question.");
	return String(next).padStart(3, "0");
}
function seconds(text, otherwise) {
	const given = Number(text);
	return 1e3 * (text !== void 0 && text !== "" && given >= 0 ? given : otherwise);
}

// src/core/markdown.ts
const NONE = { kind: "none" };
const PARAGRAPH = { kind: "paragraph" };
const HEADING_OR_BREAK = /^ {0,3}(?:#{1,6}(?: |$)|(?:\* *){3,}$|(?:- *){3,}$|(?:_ *){3,}$)/;
const UNDERLINE = /^ {0,3}(?:=+|-+) *$/;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
/** HTML in which Markdown is dead, or which quotes. */
const HTML = /^ {0,3}<(pre|script|style|textarea|blockquote)(?=[ >]|$)/i;
const LIST_MARKER = /^( {0,3})([-+*]|(\d{1,9})[.)])( +|$)/;
function withLineFeeds(text) {
	return text.replace(/\r\n?/g, "\n");
}
/** Columns of white space that a line starts with; a tab reaches to the next multiple of four. */
function indentOf(line) {
	return expandTabs(/^[ \t]*/.exec(line)?.[0] ?? "").length;
}
/** Reads block structure as GitHub does (CommonMark): lists, lazy continuation lines and unclosed blocks included. */
function readMarkdown(body) {
	const texts = withLineFeeds(body).split("\n");
	const lastEnd = texts.findLastIndex((text) => text.includes("-->"));
	const lines = [];
	let blocks = {
		containers: [],
		leaf: NONE
	};
	let inComment = false;
	for (const [index, text] of texts.entries()) {
		const commentEnds = index < lastEnd;
		if (inComment) {
			const end = text.indexOf("-->");
			const scan = end < 0 ? {
				own: blank(text),
				open: true
			} : blankComments(text, end + 3, commentEnds);
			inComment = scan.open;
			lines.push({
				text,
				own: scan.own,
				kind: scan.own.trim() === "" ? "comment" : "text"
			});
			blocks = {
				containers: blocks.containers,
				leaf: NONE
			};
			continue;
		}
		const step = nextLine(blocks, expandTabs(text));
		blocks = step.blocks;
		if (step.kind === "code") {
			lines.push({
				text,
				own: blank(text),
				kind: "code"
			});
			continue;
		}
		const scan = blankComments(text, 0, commentEnds);
		inComment = scan.open;
		const hidden = step.kind === "text" && scan.own.trim() === "" && text.trim() !== "";
		lines.push({
			text,
			own: step.kind === "quote" ? blank(text) : scan.own,
			kind: hidden ? "comment" : step.kind
		});
	}
	return lines;
}
/** One line further, after https://spec.commonmark.org/0.31.2/#phase-1-block-structure. */
function nextLine(before, line) {
	const { matched, rest } = descend(before.containers, line);
	const inside = matched === before.containers.length;
	const { leaf } = before;
	if (inside && leaf.kind === "fence") return stepOf({
		containers: before.containers,
		leaf: closesFence(rest, leaf.mark) ? NONE : leaf
	}, "code");
	if (inside && leaf.kind === "html") {
		const closed = closesHtml(rest, leaf.tag);
		return stepOf({
			containers: before.containers,
			leaf: closed ? NONE : leaf
		}, htmlKind(leaf.tag));
	}
	return openBlocks(before, matched, rest);
}
/** How many of the open containers this line stays in, and what is left of it after their markers. */
function descend(containers, line) {
	let rest = line;
	for (const [index, container] of containers.entries()) {
		const blankLine = rest.trim() === "";
		if (container.kind === "quote") {
			const marker = /^ {0,3}> ?/.exec(rest);
			if (marker === null) return {
				matched: index,
				rest
			};
			rest = rest.slice(marker[0].length);
		} else if (!blankLine) {
			if (!rest.startsWith(" ".repeat(container.width))) return {
				matched: index,
				rest
			};
			rest = rest.slice(container.width);
		}
	}
	return {
		matched: containers.length,
		rest
	};
}
/** Nobody nests deeper, and a hostile text must not make every line dear. */
const DEEPEST = 50;
function openBlocks(before, matched, line) {
	const containers = before.containers.slice(0, matched);
	const continues = before.leaf.kind === "paragraph";
	let interrupts = continues && matched === before.containers.length;
	let opened = false;
	let rest = line;
	for (;;) {
		const open = (leaf, kind = "text") => stepOf({
			containers,
			leaf
		}, kind);
		if (rest.trim() === "") return open(NONE);
		if (containers.length > DEEPEST) return open(PARAGRAPH);
		const continuation = continues && !opened;
		if (rest.startsWith("    ")) return continuation ? stepOf({
			containers: before.containers,
			leaf: PARAGRAPH
		}, "text") : open(NONE, "code");
		const quote = /^ {0,3}> ?/.exec(rest);
		const fence = FENCE.exec(rest);
		const html = HTML.exec(rest);
		const item = interrupts && UNDERLINE.test(rest) ? null : listItem(rest, interrupts);
		if (quote !== null) {
			containers.push({ kind: "quote" });
			rest = rest.slice(quote[0].length);
		} else if (fence?.[1] !== void 0) return open({
			kind: "fence",
			mark: fence[1]
		}, "code");
		else if (html?.[1] !== void 0) return open(closesHtml(rest, html[1]) ? NONE : {
			kind: "html",
			tag: html[1]
		}, htmlKind(html[1]));
		else if (HEADING_OR_BREAK.test(rest) || interrupts && UNDERLINE.test(rest)) return open(NONE);
		else if (item !== null) {
			containers.push(item);
			rest = rest.slice(item.width);
		} else return continuation ? stepOf({
			containers: before.containers,
			leaf: PARAGRAPH
		}, "text") : open(PARAGRAPH);
		opened = true;
		interrupts = false;
	}
}
function listItem(rest, interrupts) {
	const match = LIST_MARKER.exec(rest);
	if (match === null) return null;
	const [whole, indent = "", marker = "", number, spaces = ""] = match;
	const empty = rest.slice(whole.length).trim() === "";
	if (interrupts && (empty || number !== void 0 && Number(number) !== 1)) return null;
	const gap = empty || spaces.length > 4 ? 1 : spaces.length;
	return {
		kind: "item",
		width: indent.length + marker.length + gap
	};
}
function stepOf(blocks, kind) {
	return {
		blocks,
		kind: blocks.containers.some((container) => container.kind === "quote") ? "quote" : kind
	};
}
function closesFence(rest, mark) {
	const close = /^ {0,3}(`{3,}|~{3,}) *$/.exec(rest)?.[1];
	return close !== void 0 && close[0] === mark[0] && close.length >= mark.length;
}
function closesHtml(rest, tag) {
	return rest.toLowerCase().includes(`</${tag.toLowerCase()}>`);
}
function htmlKind(tag) {
	return tag.toLowerCase() === "blockquote" ? "quote" : "code";
}
/**
* Blanks the HTML comments of one line, and everything before `from`. An opening that nothing closes is plain text,
* unless the line starts with it: then browsers hide all that follows.
*/
function blankComments(text, from, endsLater) {
	let own = blank(text.slice(0, from));
	const token = /\\.|`+|<!--/g;
	token.lastIndex = from;
	for (let match = token.exec(text); match !== null; match = token.exec(text)) if (match[0].startsWith("`")) token.lastIndex = endOfCode(text, token.lastIndex, match[0].length);
	else if (match[0] === "<!--") {
		const end = text.indexOf("-->", match.index + 2);
		own += text.slice(own.length, match.index);
		if (end < 0) {
			const open = endsLater || /^[\s>+*\-\d.)]*$/.test(own);
			return {
				own: own + (open ? blank(text.slice(own.length)) : text.slice(own.length)),
				open
			};
		}
		own += blank(text.slice(own.length, end + 3));
		token.lastIndex = own.length;
	}
	return {
		own: own + text.slice(own.length),
		open: false
	};
}
/** Where the inline code ends whose `length` backticks end at `from`; `from` itself when nothing closes it. */
function endOfCode(text, from, length) {
	for (const run of text.slice(from).matchAll(/`+/g)) if (run[0].length === length) return from + run.index + length;
	return from;
}
/** A line with its tabs as the spaces they stand for, every four columns. */
function expandTabs(line) {
	if (!line.includes("	")) return line;
	let expanded = "";
	for (const [index, part] of line.split("	").entries()) {
		if (index > 0) expanded += " ".repeat(4 - expanded.length % 4);
		expanded += part;
	}
	return expanded;
}
function blank(text) {
	return " ".repeat(text.length);
}

// src/core/checklist.ts
const SIGNS$1 = {
	open: " ",
	done: "x",
	blocked: "?",
	error: "!"
};
const BULLET = /^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\S.*)$/;
const BOX = /^\[([ \txX?!])\][ \t]+(\S.*)$/;
const BOXED_LINE = /^([ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)[ \txX?!](?=\])/;
const BREAK = /^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$/;
/** The items of a checklist: list items with a box. Those below another item belong to it. */
function checklistBlocks(lines) {
	return blocksOf$1(lines, (text) => {
		const [, sign = "", words = ""] = BOX.exec(text) ?? [];
		return words === "" ? null : {
			marker: markerOf(sign),
			text: words.trimEnd()
		};
	});
}
/** The same line of a checklist with another marker. */
function marked(line, marker) {
	return line.replace(BOXED_LINE, `$1${SIGNS$1[marker]}`);
}
function markerOf(sign) {
	if (sign === "?") return "blocked";
	if (sign === "!") return "error";
	return sign.trim() === "" ? "open" : "done";
}
function blocksOf$1(lines, read) {
	const blocks = [];
	let next = 0;
	for (const [start, line] of lines.entries()) {
		const bullet = start < next ? null : bulletOf(line);
		const item = bullet === null ? null : read(bullet.text);
		if (bullet === null || item === null) continue;
		next = endOfBlock(lines, start, bullet.width);
		const explanation = lines.slice(start + 1, next).map((below) => dedent(below.text, bullet.width));
		blocks.push({
			start,
			end: next,
			width: bullet.width,
			item: {
				...item,
				explanation
			}
		});
	}
	return blocks;
}
function bulletOf(line) {
	if (line.kind !== "text" || BREAK.test(line.text) || !BULLET.test(line.own)) return null;
	const [, indent = "", bullet = "", gap = "", text = ""] = BULLET.exec(line.text) ?? [];
	if (text === "") return null;
	return {
		text,
		width: indentOf(indent) + bullet.length + (gap.length > 4 ? 1 : gap.length)
	};
}
function endOfBlock(lines, start, width) {
	let end = start + 1;
	for (let index = end; index < lines.length; index++) {
		const line = lines[index];
		if (line === void 0 || line.text.trim() === "") continue;
		if (!belongs(line, width, end < index)) break;
		end = index + 1;
	}
	return end;
}
/** Whether a line is part of the item above it, whose text starts at column `width`. */
function belongs(line, width, afterBlank) {
	const indent = indentOf(line.text);
	if (indent >= width) return true;
	if (line.kind !== "text" || BULLET.test(line.text) || BREAK.test(line.text)) return false;
	if (/^ {0,3}#{1,6}(?:\s|$)/.test(line.text)) return false;
	return indent >= 2 || !afterBlank;
}
/** The line without its first `width` columns of white space. */
function dedent(line, width) {
	const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
	if (!indent.includes("	")) return line.slice(Math.min(indent.length, width));
	return " ".repeat(Math.max(0, indentOf(line) - width)) + line.slice(indent.length);
}

// src/core/plan.ts
const TITLE = /^ {0,3}#[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const NOTE = /^[ \t]*>[ \t]?\*\*Note from ([^*\n]+?):\*\*[ \t]*(.*)$/;
/** Reads any text; what is not a title, an item or a note is kept as it is. */
function parsePlan(text) {
	const source = cleaned(text);
	const lines = readMarkdown(source);
	const title = lines.find((line) => line.kind === "text" && TITLE.test(line.text));
	return {
		title: TITLE.exec(title?.text ?? "")?.[1] ?? "",
		items: checklistBlocks(lines).map((block) => block.item),
		notes: readNotes(lines),
		source
	};
}
function renderPlan(plan) {
	return plan.source;
}
/** The plan with another marker at one item, and a further explanation below the item unless it stands there already. */
function withMarker(plan, index, marker, explanation = "") {
	const block = blocksOf(plan)[index];
	if (block === void 0) return plan;
	const lines = plan.source.split("\n");
	lines[block.start] = marked(lines[block.start] ?? "", marker);
	const bare = parsePlan(lines.join("\n"));
	const added = harmless(explanation).trim();
	if (block.item.explanation.join("\n").includes(added)) return bare;
	const indent = " ".repeat(block.width);
	const below = added.split("\n").map((line) => `${indent}${line}`.trimEnd());
	return [block.end, block.start + 1].map((at) => parsePlan(lines.toSpliced(at, 0, ...below).join("\n"))).find(({ items }) => sameMarkers(items, bare.items)) ?? bare;
}
/** The plan with a note at its end. */
function withNote(plan, note) {
	const quote = `**Note from ${note.from.replace(/[*\s]+/g, " ").trim() || "somebody"}:** ${harmless(note.text).trim()}`.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
	const appended = parsePlan(`${plan.source.trim() === "" ? "" : `${plan.source.trimEnd()}\n\n`}${quote}\n`);
	return appended.notes.length > plan.notes.length ? appended : parsePlan(`${quote}\n\n${plan.source}`);
}
function progress(plan) {
	return {
		done: plan.items.filter((item) => item.marker === "done").length,
		total: plan.items.length
	};
}
/** Index of the item that is in progress: the first open one. */
function currentItem(plan) {
	const index = plan.items.findIndex((item) => item.marker === "open");
	return index < 0 ? null : index;
}
function blocksOf(plan) {
	return checklistBlocks(readMarkdown(plan.source));
}
function readNotes(lines) {
	const notes = [];
	let open = false;
	for (const [index, line] of lines.entries()) {
		const match = line.kind === "quote" && lines[index - 1]?.kind !== "quote" ? NOTE.exec(line.text) : null;
		const last = notes.at(-1);
		if (match !== null) notes.push({
			from: match[1] ?? "",
			text: match[2] ?? ""
		});
		else if (open && last !== void 0 && /^[ \t]*>/.test(line.text)) last.text += `\n${line.text.replace(/^[ \t]*> ?/, "")}`;
		else open = false;
		open ||= match !== null;
	}
	return notes.map(({ from, text }) => ({
		from,
		text: text.trim()
	}));
}
function sameMarkers(a, b) {
	return a.length === b.length && a.every(({ marker, text }, at) => b[at]?.marker === marker && b[at]?.text === text);
}
/** Text without a byte-order mark, NUL and carriage returns. */
function cleaned(text) {
	return withLineFeeds(text.replace(/^\uFEFF/, "").replaceAll("\0", ""));
}
/** Text of ours for a plan: an opened HTML comment in it would hide the items below. */
function harmless(text) {
	return cleaned(text).replaceAll("<!--", "&lt;!--");
}

// src/worker/edit-plan.ts
/** Marks one item of the plan. With the last tick the task is said to be done. */
async function markItem(folder, { marker, which, explanation }, world) {
	const said = await locked(folder, world, () => {
		const before = readPlan(folder);
		const index = findItem(before, which);
		const plan = withMarker(before, index, marker, explanation);
		writeWhole(join(folder, "plan.md"), renderPlan(plan));
		const { done, total } = progress(plan);
		if (done === total) writeWhole(join(folder, "ipc", ".done"), "");
		return describeItem(plan, index, `${done} of ${total} done`);
	});
	world.print(said);
	return EXIT.ok;
}
async function addNote(folder, text, world) {
	await locked(folder, world, () => {
		writeWhole(join(folder, "plan.md"), renderPlan(withNote(readPlan(folder), {
			from: "the worker",
			text
		})));
	});
	world.print("Noted.");
	return EXIT.ok;
}
function readPlan(folder) {
	const text = readText(join(folder, "plan.md"));
	if (text === null) throw new HelperError(`There is no plan at ${join(folder, "plan.md")}.`);
	return parsePlan(text);
}
function findItem(plan, which) {
	if (which === "") {
		const open = currentItem(plan);
		if (open === null) throw new HelperError(`No item is open.\n${listItems(plan)}`);
		return open;
	}
	if (/^\d+$/.test(which)) {
		if (plan.items[Number(which) - 1] === void 0) throw new HelperError(`There is no item ${which}.\n${listItems(plan)}`);
		return Number(which) - 1;
	}
	const words = which.toLowerCase();
	const matching = [...plan.items.entries()].filter(([, { text }]) => text.toLowerCase().includes(words));
	const [only, other] = [
		matching.filter(([, { text }]) => text.toLowerCase() === words),
		matching.filter(([, item]) => item.marker !== "done"),
		matching
	].find(({ length }) => length > 0) ?? [];
	if (only === void 0) throw new HelperError(`No item says "${which}".\n${listItems(plan)}`);
	if (other !== void 0) throw new HelperError(`Several items say "${which}"; give the number.\n${listItems(plan)}`);
	return only[0];
}
function describeItem(plan, index, count) {
	const next = currentItem(plan);
	const then = next === null ? "Nothing is open any more." : `Next: ${next + 1}. ${plan.items[next]?.text ?? ""}`;
	return `${index + 1}. ${plan.items[index]?.text ?? ""}: ${plan.items[index]?.marker ?? ""} (${count}). ${then}`;
}
const SIGNS = {
	open: " ",
	done: "x",
	blocked: "?",
	error: "!"
};
function listItems({ items }) {
	return items.map(({ marker, text }, index) => `${index + 1}. [${SIGNS[marker]}] ${text}`).join("\n");
}

// src/worker/helper.ts
const HELP = `dispatch-worker: talk to the people who wait for your work

  dispatch-worker ask "text" [--option "A" --option "B"]   ask, and wait for the answer
  dispatch-worker wait NNN          go on waiting for the answer to question NNN
  dispatch-worker tick [N ["remark"] | words] [--note "text"]   mark an item of the plan done: the first open one, the N-th, or the one with these words
  dispatch-worker block [N] "question"   mark an item blocked by a question that nobody has answered
  dispatch-worker fail [N] "reason"      mark an item failed
  dispatch-worker note "text"       leave a note in the plan

Exit codes: 0 done, 75 no answer yet (run what it says), 76 nobody answered in time (do what it says).`;
/** Does what one call of `dispatch-worker` asks for. Returns the exit code. */
async function runHelper(args, world) {
	const [verb = "help", ...rest] = args;
	try {
		if (/^(?:help|--help|-h)$/.test(verb)) {
			world.print(HELP);
			return EXIT.ok;
		}
		return await run(verb, rest, world);
	} catch (error) {
		if (!(error instanceof HelperError)) throw error;
		world.complain(error.message);
		return error.exit;
	}
}
async function run(verb, args, world) {
	const { words, note, options } = readWords(verb, args);
	const folder = () => findTaskFolder(world.environment, world.directory);
	switch (verb) {
		case "ask": return askQuestion(folder(), {
			text: needed(words.join(" "), "a question"),
			options
		}, world);
		case "wait": return waitForAnswer(folder(), {
			number: words[0] ?? "",
			attempt: Number(words[1] ?? 1) || 1
		}, world);
		case "tick": {
			const { which, text } = numberFirst(words);
			const [item, remark] = which === "" ? [text, ""] : [which, text];
			return markItem(folder(), {
				marker: "done",
				which: item,
				explanation: note ?? remark
			}, world);
		}
		case "block":
		case "fail": {
			const { which, text } = numberFirst(words);
			const explanation = needed(note ?? text, verb === "block" ? "the question" : "the reason");
			return markItem(folder(), {
				marker: verb === "block" ? "blocked" : "error",
				which,
				explanation
			}, world);
		}
		case "note": return addNote(folder(), needed(words.join(" "), "a text"), world);
		default: throw new HelperError(`There is no "${verb}".\n\n${HELP}`, EXIT.usage);
	}
}
function readWords(verb, args) {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				option: {
					type: "string",
					multiple: true,
					short: "o"
				},
				note: {
					type: "string",
					short: "n"
				}
			}
		});
		return {
			words: positionals,
			note: values.note,
			options: values.option ?? []
		};
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new HelperError(`${reason}\nWrite: dispatch-worker ${verb} … -- "text that starts with a hyphen"`, EXIT.usage);
	}
}
function numberFirst(words) {
	const [first = "", ...rest] = words;
	return /^\d+$/.test(first) && rest.length > 0 ? {
		which: first,
		text: rest.join(" ")
	} : {
		which: "",
		text: words.join(" ")
	};
}
function needed(text, what) {
	if (text.trim() !== "") return text.trim();
	throw new HelperError(`Say ${what} too. "dispatch-worker help" shows how.`, EXIT.usage);
}

// src/worker/main.ts
process.exitCode = await runHelper(process.argv.slice(2), {
	environment: process.env,
	directory: process.cwd(),
	print: (text) => process.stdout.write(`${text}\n`),
	complain: (text) => process.stderr.write(`${text}\n`),
	now: () => Date.now(),
	sleep: setTimeout
});

export {  };
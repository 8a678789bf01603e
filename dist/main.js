import { $ as workingRun, A as updateTask, B as redrawAsk, C as approvePlan, Ct as readTask, D as releaseIfDue, Dt as modeOf, E as endTask, Et as talkOf, F as tasksOfThread, G as unlessClosed, H as redrawStatus, I as NO_LIVE_FACTS, It as summary, J as parsePlan, K as changeConfig, L as askText, M as replyOnce, Mt as TokenRefused, N as replyProblem, Nt as error, O as startIfMissing, Ot as archived, P as isReadable, Pt as setFailed, Q as waitsForPerson, R as findOurs, S as retryTask, St as parseTaskRef, T as beginTask, Tt as runName, U as showQuestion, V as redrawQuestion, W as statusText, X as openQuestions, Y as isPending, Z as runOf, _ as answerByTick, a as keepQuestions, at as readEvent, b as chooseModel, c as listenAgain, ct as withEffect, d as failure, dt as addedCommands, et as mayCommand, f as failureBy, ft as findCommands, g as skipItem, h as performCommands, i as reviewFrom, it as shortHash, j as drawOverview, jt as Problem, k as labelAsWaiting, l as isSilent, lt as withoutControls, m as perform$1, mt as readStep, n as work, nt as policyIn, o as recordQuestion, ot as readMark, p as hearReply, pt as readCommand, q as renderRefusal, r as threadPorts, rt as configInForce, s as keepListening, st as readTick, tt as mayWrite, u as parkLeftBehind, ut as person, v as answerFrom, w as announceIfUnsaid, wt as renderTask, x as cancelTask, xt as parseRunName, y as cleanTask, yt as rememberSettled, z as putStatusBack } from "./work-chunk.js";
import { setFlagsFromString } from "node:v8";

// src/core/command-key.ts
/** Tells the commands of one comment apart, also those that an edit has added or reworded. */
function commandKey({ text, nth }) {
	return `${shortHash(text.replace(/\s+/g, " "))}${nth}`;
}

// src/flows/hear.ts
/** Words in a thread: commands, or a reply where something was asked. */
async function hear(said, ports) {
	const commands = said.before === null ? findCommands(said.body) : addedCommands(said.before, said.body);
	if (commands.length === 0) {
		if (said.waiting && said.before === null && !said.byBot) await hearReply(said, ports);
		return;
	}
	const heard = await acknowledge(said, ports);
	if (heard === null) return;
	const { lock, conversation } = heard;
	const places = commands.map((command) => ({
		said,
		lock,
		key: commandKey(command)
	}));
	const [first] = places;
	if (first === void 0) return;
	if (!heard.allowed) return replyOnce(first, (mark) => renderRefusal(mark, said.by.login), ports);
	if (said.before !== null && await isRewording(said, ports)) return replyProblem(first, reworded(), ports);
	const each = commands.flatMap((command, index) => {
		const place = places[index];
		return place === void 0 ? [] : [{
			command,
			place
		}];
	});
	await performCommands(each, conversation, ports);
}
/**
* The acknowledgement does not wait for anything: it is what the person looks for. What is needed next is asked for in the same moment.
* Null for a bot that nobody has allowed: it is not even told so.
*/
async function acknowledge(said, ports) {
	const { by, byBot, thread, trigger } = said;
	const react = () => ports.reactions.add(trigger, said.before === null ? "eyes" : "rocket");
	if (byBot) {
		const conversation = await ports.conversations.read(thread);
		if (!mayCommand({
			login: by.login,
			isBot: true,
			role: "none"
		}, policyOf(conversation))) return null;
		return {
			lock: await react(),
			conversation,
			allowed: true
		};
	}
	const [lock, role, conversation] = await Promise.all([
		react(),
		ports.permissions.roleOf(by.login),
		ports.conversations.read(thread)
	]);
	return {
		lock,
		conversation,
		allowed: mayCommand({
			login: by.login,
			isBot: false,
			role
		}, policyOf(conversation))
	};
}
/** Who may command, as far as the config can be read; what is wrong with it is said by the command that needs it. */
function policyOf(conversation) {
	try {
		return configInForce(conversation);
	} catch (error) {
		if (error instanceof Problem) return policyIn(conversation.config ?? "");
		throw error;
	}
}
/** An edit that changes the words of a command which has become a task, rather than adding another one. */
async function isRewording({ before, body, trigger, thread }, ports) {
	const had = findCommands(before ?? "").length;
	if (had === 0 || findCommands(body).length > had) return false;
	return (await tasksOfThread(thread.number, ports.index)).some(({ files }) => {
		const known = readTask(files).trigger;
		return known.kind === trigger.kind && known.id === trigger.id;
	});
}
function reworded() {
	return new Problem("reworded", "This command has been accepted already; rewording it starts nothing.", "Write `/dispatch cancel` and the new words as a new comment, or tell the worker more with `/dispatch note <task> <text>`.");
}

// src/flows/obey-tick.ts
/** A box of ours that somebody ticked, or an edit of our comment that is not a tick: then it is drawn anew. */
async function obeyTick(ticked, ports) {
	const mark = readMark(ticked.after) ?? readMark(ticked.before);
	if (mark === null || ticked.byBot) return;
	if (ticked.comment.kind === "review-comment" && mark.kind !== "question") return;
	const control = readTick(ticked.before, ticked.after);
	if (control === null || !await isAllowed(control, ticked, ports)) return redraw(mark, ticked, ports);
	try {
		await showEffect(await carryOut$1(control, ticked, ports), mark, ticked, ports);
	} catch (error) {
		if (!(error instanceof Problem)) throw error;
		await unlessClosed(() => replyProblem(placeOf(ticked), error, ports), ports.log);
		await redraw(mark, ticked, ports);
	}
}
/** An answer is welcome from everybody with write access; what commands is for those who may command. */
async function isAllowed(control, { by }, ports) {
	if (control.kind === "option" || control.kind === "answer") return mayWrite(await ports.permissions.roleOf(by.login));
	const [role, conversation] = await Promise.all([ports.permissions.roleOf(by.login), ports.conversations.read(null)]);
	return mayCommand({
		login: by.login,
		isBot: false,
		role
	}, policyOf(conversation));
}
async function carryOut$1(control, ticked, ports) {
	const by = ticked.by.login;
	switch (control.kind) {
		case "cancel":
			await cancelTask(control.ref, by, ports);
			return {
				kind: "settled",
				note: `🛑 Cancelled by ${person(by)}.`
			};
		case "retry": return retry(control, ticked, ports);
		case "skip":
			await skipItem(control.ref, by, ports);
			return {
				kind: "settled",
				note: `⏭️ Skipped by ${person(by)}; the rest goes on.`
			};
		case "model":
			await chooseModel({
				ref: control.ref,
				model: control.model,
				all: control.all,
				by
			}, ports);
			return {
				kind: "settled",
				note: `✅ ${person(by)} chose \`${control.model}\`.`
			};
		case "approve":
			await approvePlan({
				ref: control.ref,
				commit: control.commit,
				by
			}, ports);
			return {
				kind: "settled",
				note: `✅ Approved by ${person(by)}.`
			};
		case "option":
			await answerByTick(ticked, control, ports);
			return { kind: "drawn" };
		case "answer": return {
			kind: "settled",
			note: await answerFrom(control, ticked, ports)
		};
		case "choose":
			await performChosen(control, ticked, ports);
			return {
				kind: "settled",
				note: `✅ ${person(by)} chose \`${control.ref.id}\`.`
			};
		case "config": {
			const { url, number } = await changeConfig([control.change], {
				by,
				thread: ticked.thread
			}, ports);
			const link = number === null ? "" : `: [pull request #${number}](${url})`;
			return {
				kind: "noted",
				control,
				note: `✅ Proposed by ${person(by)}${url === null ? ": nothing is left to change" : link || `: [open the pull request](${url})`}`
			};
		}
	}
}
async function retry({ ref, model, makeDefault }, { by, thread }, ports) {
	await retryTask(ref, model, ports);
	if (makeDefault && model !== null) {
		const change = {
			kind: "set-default",
			name: model
		};
		ports.background.later(`proposing ${model} as the default`, async () => {
			await changeConfig([change], {
				by: by.login,
				thread
			}, ports);
		});
	}
	return {
		kind: "settled",
		note: `🔁 Retried${model === null ? "" : ` with \`${model}\`${makeDefault ? ", the default from now on once its pull request is merged" : ""}`} by ${person(by.login)}.`
	};
}
/** The command is read again as if the chosen task were the only one. */
async function performChosen({ ref, source, key }, ticked, ports) {
	const [written, snapshot] = await Promise.all([ports.comments.read(source), ports.branches.read(ref)]);
	const text = findCommands(written?.body ?? "").find((each) => commandKey(each) === key)?.text;
	if (written === null || snapshot === null || text === void 0) throw commandGone();
	const command = readCommand(text, [ref.id]);
	if (command.kind === "task") throw commandGone();
	const meant = "task" in command ? {
		...command,
		task: ref.id
	} : command;
	const place = {
		...placeOf(ticked),
		key: `${key}-${ref.id}`
	};
	const said = {
		...place.said,
		by: written.by,
		body: written.body,
		trigger: {
			...place.said.trigger,
			...source
		}
	};
	const conversation = await ports.conversations.read(ticked.thread);
	await perform$1(meant, {
		...place,
		said
	}, [snapshot], conversation, ports);
}
function commandGone() {
	return new Problem("command-gone", "The command that this box is about has been deleted or changed since.", "Write the command again, with the task's name.");
}
/** Replies to a tick stand under its comment's id. A repeated delivery of the same tick looks for them first. */
function placeOf({ owner, repo, thread, comment, by, byBot, after, at }) {
	return {
		said: {
			kind: "said",
			owner,
			repo,
			thread,
			trigger: {
				kind: comment.kind,
				id: comment.id,
				url: comment.url
			},
			by,
			byBot,
			body: after,
			before: null,
			waiting: false,
			at,
			place: null
		},
		lock: "look",
		key: "tick"
	};
}
async function showEffect(effect, mark, ticked, ports) {
	if (effect.kind === "drawn") return;
	if (effect.kind === "noted") {
		await ports.comments.edit(ticked.comment.id, withEffect(ticked.after, effect.control, effect.note));
		return;
	}
	switch (mark.kind) {
		case "status":
		case "question": return;
		case "ask":
		case "overview": return redraw(mark, ticked, ports);
		case "result":
		case "review":
		case "reply":
		case "warm-up": await ports.comments.edit(ticked.comment.id, withoutControls(ticked.after, effect.note));
	}
}
async function redraw(mark, { before, comment, thread }, ports) {
	switch (mark.kind) {
		case "overview": {
			const member = (await ports.index.ofThread(String(thread.number))).map(({ files }) => readTask(files)).find(({ trigger }) => `${trigger.kind}-${trigger.id}` === mark.trigger);
			return member === void 0 ? void 0 : drawOverview(member, ports);
		}
		case "result":
		case "review":
		case "reply":
		case "warm-up":
			await ports.comments.edit(comment.id, before);
			return;
		case "status":
		case "question":
		case "ask": {
			const snapshot = await ports.branches.read(mark.ref);
			if (snapshot === null) return;
			if (mark.kind === "status") return redrawStatus(mark.ref, snapshot.files, ports);
			if (mark.kind === "question") return redrawQuestion(mark.ref, mark.question, snapshot.files, ports);
			return redrawAsk(mark.ref, snapshot.files, ports);
		}
	}
}

// src/flows/settle-run.ts
/** Finds the task of a run that has ended by its name, and settles it. */
async function settleRun(run, ports) {
	const named = parseRunName(run.runName);
	if (named !== null) await settleTask(named.ref, {
		...run,
		attempt: named.attempt
	}, ports);
}
/**
* Gives a task whose run died its ending, and says one that was committed and not said, so that the thread does not wait for ever.
* After a run that ended properly there is nothing to do.
* @param ended `attempt` null: whatever attempt the task is at
*/
async function settleTask(ref, ended, ports) {
	const snapshot = await ports.branches.read(ref);
	if (snapshot === null) return;
	const { state } = readTask(snapshot.files);
	if (state.kind === "finished") {
		if (state.run?.id === ended.runId) await announceIfUnsaid(snapshot, ports);
		return;
	}
	if (await parkLeftBehind(ref, {
		id: ended.runId,
		tryNumber: ended.tryNumber
	}, ports, snapshot)) return;
	await endTask(ref, (task, files) => leftBehind(task, files, ended), ports);
}
function leftBehind(task, files, { runId, tryNumber, attempt, conclusion }) {
	const { state } = task;
	if (state.kind === "queued") return (attempt === null || attempt === task.attempt) && conclusion !== "success" ? unclaimed(conclusion) : null;
	const run = workingRun(state);
	if (run?.id !== runId || run.tryNumber > tryNumber) return null;
	if (state.kind === "cancelling") return {
		kind: "cancelled",
		by: state.by
	};
	return failureBy("run-died", parsePlan(files["plan.md"] ?? ""));
}
function unclaimed(conclusion) {
	if (conclusion === "cancelled") return {
		kind: "cancelled",
		by: ""
	};
	return failure("not-started", `The run ended before it could take the task (GitHub says: ${conclusion ?? "no conclusion"}).`, "Look at the run for GitHub's reason (often: an action that the organisation does not allow), then retry.");
}

// src/flows/handle-event.ts
/** What a person does in a thread, or a run does by ending, and what Dispatch makes of it. Both entrances end up here. */
async function handleEvent(event, ports) {
	try {
		await handle(event, ports);
	} catch (error) {
		if (!(error instanceof Problem)) throw error;
		ports.log.warning(`${error.code}: ${error.message} ${error.nextStep}`);
	}
}
async function handle(event, ports) {
	switch (event.kind) {
		case "ignored": return;
		case "said": return hear(event, ports);
		case "ticked": return obeyTick(event, ports);
		case "run-ended": return settleRun(event, ports);
	}
}

// src/core/reconcile.ts
/** Whoever has just accepted a task is about to ask for its run. */
const START_GRACE_MS = 6e4;
/** After this long without a runner people are told so. */
const NO_RUNNER_MS = 6e5;
/** A cancel is seen by the run's next poll; it then saves its work. */
const CANCEL_GRACE_MS = 2e4;
/** A question is committed before it is asked. */
const ASK_GRACE_MS = 6e4;
/** An ending is committed before it is said. */
const SAY_GRACE_MS = 6e4;
/** So long ago, everything that could still be said has been: rounds, one every few minutes, need not look again and again. */
const RECENT_MS = 18e5;
const DAY_MS = 864e5;
/** GitHub's delivery log keeps 3 days: so long, a delivery that comes again must find its task. */
const MIN_KEEP_DAYS = 4;
/**
* The run to look at before anything can be decided: by its name, by its id, or none. Where the branch has just moved there is somebody
* at work, and nothing to look for.
*/
function runToLookAt({ state }, { now, movedAt, thorough }) {
	const stillMs = Date.parse(now) - Date.parse(movedAt);
	if (stillMs <= CANCEL_GRACE_MS) return null;
	if (state.kind === "queued") return stillMs > START_GRACE_MS ? "by-name" : null;
	if (state.kind === "finished") return mayBeUnsaid(overFor(state.at, {
		now,
		movedAt
	}), thorough) ? state.run?.id ?? null : null;
	return workingRun(state)?.id ?? null;
}
/** What is to be done about a task that has not been heard of; pure, so that every row is one line of a table. */
function decideRepair(task, facts) {
	const { state } = task;
	const { now, movedAt, run, thorough } = facts;
	const stillMs = Date.parse(now) - Date.parse(movedAt);
	switch (state.kind) {
		case "queued": return queued(stillMs, run, thorough);
		case "running":
		case "waiting":
		case "cancelling":
			if (run?.status === "completed") return { kind: "settle" };
			if (run === null) return isSilent(movedAt, now) ? { kind: "settle" } : { kind: "none" };
			if (isSilent(movedAt, now)) return { kind: "cancel-run" };
			if (state.kind === "cancelling") return stillMs > CANCEL_GRACE_MS ? { kind: "cancel-run" } : { kind: "none" };
			return openQuestions(state).length > 0 && isToBeShown(task, stillMs, thorough) ? { kind: "show-questions" } : { kind: "none" };
		case "parked": return isToBeShown(task, stillMs, thorough) ? { kind: "show-questions" } : { kind: "none" };
		case "held": return stillMs > START_GRACE_MS ? { kind: "release" } : { kind: "none" };
		case "confirming":
		case "planned": return stillMs > 6e4 && (thorough || stillMs < RECENT_MS) ? { kind: "ask-again" } : { kind: "none" };
		case "finished": return finished(task, state.at, facts);
	}
}
function queued(stillMs, run, thorough) {
	if (run === null) return { kind: stillMs > START_GRACE_MS ? "start" : "none" };
	if (run.status === "completed") return { kind: stillMs > START_GRACE_MS ? "settle" : "none" };
	return { kind: stillMs > NO_RUNNER_MS && (thorough || stillMs < RECENT_MS) ? "say-waiting" : "none" };
}
function isToBeShown({ exchanges, state }, stillMs, thorough) {
	const unrecorded = openQuestions(state).some((number) => (exchanges[number]?.comment ?? null) === null);
	return stillMs > 6e4 && (thorough || unrecorded);
}
/** An ending is dated before the work is saved, and committed when that is done: the later of the two counts. */
function overFor(at, { now, movedAt }) {
	return Date.parse(now) - Math.max(Date.parse(at), Date.parse(movedAt));
}
function mayBeUnsaid(overMs, thorough) {
	return overMs < RECENT_MS || thorough && overMs < 4 * DAY_MS;
}
function finished({ cleaned }, at, facts) {
	const { keepDays, needed, run, thorough } = facts;
	const overMs = overFor(at, facts);
	if (overMs > Math.max(keepDays, 4) * DAY_MS) return { kind: needed ? "none" : "remove" };
	if (cleaned || overMs < SAY_GRACE_MS || run !== null && run.status !== "completed") return { kind: "none" };
	return { kind: mayBeUnsaid(overMs, thorough) ? "announce" : "none" };
}
/** Whether a task that is not over waits for this one. */
function isNeeded(id, others) {
	return others.some(({ after, state }) => after.includes(id) && (isPending(state) || state.kind === "queued"));
}

// src/flows/reconcile-thread.ts
/** A run is there and no runner: only people can do something about that. */
function sayNoRunner(ref, files, runUrl, ports) {
	const sentence = `No runner has taken the run for more than 10 minutes. See what it waits for: ${runUrl}`;
	return redrawStatus(ref, files, ports, {
		doing: null,
		usage: null,
		warnings: [sentence]
	});
}
/** The label goes first: it is what makes a reply heard. */
async function showQuestions(ref, files, ports) {
	const task = readTask(files);
	const talk = talkOf(task);
	if (talk === null) return;
	await labelAsWaiting(talk.number, ports);
	for (const number of openQuestions(task.state)) {
		const standing = await showQuestion(ref, number, files, ports);
		if (standing !== null) await recordQuestion(ref, number, standing, ports);
	}
}
/** Puts a choice or a plan to people again, where what they were shown is gone or was never posted. */
async function askAgain({ ref, files }, ports) {
	const task = readTask(files);
	const askComment = await standingAsk(ref, task, files, ports);
	const updated = await updateTask(ref, (now) => {
		const present = readTask(now.files);
		if (!(present.state.kind === task.state.kind && present.askComment?.id === task.askComment?.id) || present.askComment?.id === askComment?.id) return null;
		return {
			files: { "task.yaml": renderTask({
				...present,
				askComment
			}) },
			message: `Ask about ${ref.id} again`
		};
	}, ports);
	if (updated === null) return;
	const { snapshot } = updated;
	const present = readTask(snapshot.files);
	if (!waitsForPerson(present.state)) return;
	const isShown = present.state.kind === "planned" && present.state.shown !== null;
	const isGone = task.askComment !== null && present.askComment === null;
	if (!isShown || isGone) return beginTask(snapshot, {}, ports);
	const talk = talkOf(present);
	if (talk !== null) await labelAsWaiting(talk.number, ports);
	await redrawStatus(ref, snapshot.files, ports);
}
/** The comment in which people are asked; one that was posted and not recorded counts, one that was deleted does not. */
async function standingAsk(ref, task, files, ports) {
	const { askComment, attempt } = task;
	if (askComment !== null) return await ports.comments.edit(askComment.id, askText(ref, files, ports)) === "gone" ? null : askComment;
	if (runOf(task.state) === null) return null;
	const [found] = await findOurs(task, {
		kind: "ask",
		ref,
		attempt
	}, ports);
	return found === void 0 ? null : {
		id: found.id,
		author: found.author,
		url: found.url,
		attempt
	};
}
/** One status comment a task: a missing one is posted while the task goes on, twins go. */
async function tidyStatus(known, ports) {
	const { ref } = known;
	const snapshot = readTask(known.files).state.kind === "finished" ? known : await ports.branches.read(ref);
	if (snapshot === null) return;
	const task = readTask(snapshot.files);
	await unlessClosed(async () => {
		const found = await findOurs(task, {
			kind: "status",
			ref
		}, ports);
		const kept = found.find(({ id }) => id === task.statusComment?.id) ?? found[0];
		if (kept === void 0 && task.state.kind !== "finished") await putStatusBack(ref, task, statusText(ref, snapshot.files, NO_LIVE_FACTS, ports), ports);
		for (const twin of found) if (twin.id !== kept?.id) await ports.comments.remove(twin.id);
	}, ports.log);
}

// src/flows/reconcile.ts
/**
* Compares every task with the world and changes only the difference: whoever was to carry on, a server, a run, a delivery, may have died
* at any moment. Doing it twice, or at two places at once, is the same as doing it once.
*/
async function reconcile({ thread, thorough }, ports) {
	const snapshots = (thread === null ? await ports.index.all() : await tasksOfThread(thread, ports.index)).filter(isReadable);
	const tasks = snapshots.map(({ files }) => readTask(files));
	const keepDays = thorough ? await keepDaysFor(tasks, ports) : Number.POSITIVE_INFINITY;
	const asked = once(() => ports.runs.asked(oldestQueued(tasks, ports.clock.now())));
	for (const snapshot of snapshots) try {
		await unlessClosed(() => reconcileTask(snapshot, {
			tasks,
			asked,
			thorough,
			keepDays
		}, ports), ports.log);
	} catch (error) {
		ports.log.warning(`${snapshot.ref.id} could not be looked after: ${String(error)}`);
	}
	await lookAfterThreads(snapshots, thorough ? hearWhatWasMissed : keepWhatIsAsked, ports);
}
async function reconcileTask(snapshot, whole, ports) {
	const { tasks, thorough, keepDays } = whole;
	const task = readTask(snapshot.files);
	const run = await lookAtRun(snapshot, task, whole, ports);
	const now = run?.seenAt ?? ports.clock.now().toISOString();
	const needed = isNeeded(task.id, tasks);
	const repair = decideRepair(task, {
		now,
		movedAt: snapshot.movedAt ?? now,
		run,
		thorough,
		keepDays,
		needed
	});
	if (repair.kind !== "none") ports.log.info(`${snapshot.ref.thread}/${snapshot.ref.id}: ${repair.kind}`);
	await carryOut(repair, {
		snapshot,
		run,
		mayBeAwaited: tasks.some(({ after }) => after.includes(task.id))
	}, ports);
	const mayHaveTwins = task.state.kind !== "finished" || repair.kind === "announce";
	if (thorough && mayHaveTwins) await tidyStatus(snapshot, ports);
}
async function lookAtRun({ ref, movedAt }, task, { asked, thorough }, { runs, clock }) {
	const now = clock.now().toISOString();
	const wanted = runToLookAt(task, {
		now,
		movedAt: movedAt ?? now,
		thorough
	});
	if (wanted === null) return null;
	return wanted === "by-name" ? (await asked()).get(runName(ref, task.attempt)) ?? null : runs.read(wanted);
}
function oldestQueued(tasks, now) {
	const since = tasks.flatMap(({ state }) => state.kind === "queued" ? [Date.parse(state.since)] : []);
	return new Date(Math.min(now.getTime(), ...since.filter(Number.isFinite))).toISOString();
}
/** Asks at the first call, and gives everybody that one answer. */
function once(ask) {
	let answer = null;
	return () => {
		answer ??= ask();
		return answer;
	};
}
async function carryOut(repair, { snapshot, run, mayBeAwaited }, ports) {
	const { ref, files } = snapshot;
	switch (repair.kind) {
		case "none": return;
		case "start":
			await startIfMissing(ref, ports);
			return redrawPresent(ref, ports);
		case "say-waiting": return run === null ? void 0 : sayNoRunner(ref, files, run.url, ports);
		case "settle": return settle(snapshot, run, ports);
		case "cancel-run": return cancelRun(snapshot, run, ports);
		case "announce": return announceIfUnsaid(snapshot, ports, mayBeAwaited);
		case "show-questions": return showQuestions(ref, files, ports);
		case "ask-again": return askAgain(snapshot, ports);
		case "release": return releaseIfDue(ref, ports);
		case "remove": return cleanTask(snapshot, ports);
	}
}
async function redrawPresent(ref, ports) {
	const snapshot = await ports.branches.read(ref);
	if (snapshot !== null) await redrawStatus(ref, snapshot.files, ports);
}
async function settle({ ref, files }, run, ports) {
	const { state, attempt } = readTask(files);
	const holder = state.kind === "running" || state.kind === "waiting" || state.kind === "cancelling" ? state.run : null;
	const runId = holder?.id ?? run?.id ?? 0;
	const conclusion = run?.conclusion === "success" ? null : run?.conclusion ?? null;
	await settleTask(ref, {
		runId,
		tryNumber: holder?.tryNumber ?? 1,
		attempt,
		conclusion
	}, ports);
}
/** What does not hear that it is to end is ended by GitHub. Where it takes its time, its end is an event, or found by the next round. */
async function cancelRun(snapshot, run, ports) {
	if (run === null) return settle(snapshot, run, ports);
	await ports.runs.cancel(run.id);
	const after = await ports.runs.read(run.id);
	if (after === null || after.status === "completed") await settle(snapshot, after, ports);
}
/** Looks after each thread in which something waits for a person. */
async function lookAfterThreads(snapshots, look, ports) {
	const threads = /* @__PURE__ */ new Map();
	for (const snapshot of snapshots) {
		const task = readTask(snapshot.files);
		const talk = talkOf(task);
		if (talk === null || !waitsForPerson(task.state)) continue;
		const { tasks } = threads.get(talk.number) ?? { tasks: [] };
		threads.set(talk.number, {
			talk,
			tasks: [...tasks, snapshot]
		});
	}
	for (const thread of threads.values()) try {
		await look(thread, ports);
	} catch (error) {
		ports.log.warning(`What is asked in #${thread.talk.number} could not be looked after: ${String(error)}`);
	}
}
/** Replies that nobody heard: the server was down, or the label that makes them heard was gone. */
async function hearWhatWasMissed({ talk }, ports) {
	await unlessClosed(() => listenAgain(talk, ports), ports.log);
}
/** One look at the label and one at each question's comment, while all is well. What has just moved is being seen to. */
async function keepWhatIsAsked({ talk, tasks }, ports) {
	const now = ports.clock.now().getTime();
	const still = tasks.filter(({ movedAt }) => now - Date.parse(movedAt ?? "") > ASK_GRACE_MS);
	if (still.length === 0) return;
	await unlessClosed(async () => {
		await keepListening(talk, ports);
		for (const { ref } of still) await keepQuestions(ref, ports);
	}, ports.log);
}
/** Asked for only where something is old enough to go. */
async function keepDaysFor(tasks, { conversations, clock }) {
	const oldest = clock.now().getTime() - 4 * 24 * 60 * 6e4;
	const isOld = ({ state }) => state.kind === "finished" && Date.parse(state.at) < oldest;
	if (!tasks.some(isOld)) return Number.POSITIVE_INFINITY;
	try {
		return configInForce(await conversations.read(null)).keep;
	} catch (error) {
		if (error instanceof Problem) return Number.POSITIVE_INFINITY;
		throw error;
	}
}

// src/action/thread.ts
/** Hosts the thread handler in this job: what a server does for a delivery, done for the event that started the run. */
async function handleThread(step) {
	const { job, self, log, background } = step;
	const event = readEvent(job.eventName, job.event, self);
	if (event.kind === "ignored") {
		log.info(event.reason);
		return;
	}
	const ports = threadPorts(step);
	await handleEvent(event, ports);
	if (event.kind === "said" || event.kind === "ticked") background.later("a look at the thread's other tasks", () => reconcile({
		thread: event.thread.number,
		thorough: false
	}, ports));
	await background.settled();
}
/** Looks after whatever has stopped halfway anywhere in the repository. */
async function reconcileAll(step) {
	await reconcile({
		thread: null,
		thorough: true
	}, threadPorts(step));
	await step.background.settled();
}
/** Looks after a task whose job has died in this same run. */
async function settleOwnRun(step) {
	const ports = threadPorts(step);
	const { task, attempt } = step.inputs;
	const ref = task === null ? null : parseTaskRef(task) ?? await ports.index.find(task);
	if (ref === null) return;
	const { id, tryNumber } = step.job.run;
	await settleTask(ref, {
		runId: id,
		tryNumber,
		attempt,
		conclusion: "failure"
	}, ports);
	const settled = await ports.branches.read(ref);
	if (settled !== null) await reviewFrom(step, settled.files);
}

// src/action/main.ts
setFlagsFromString("--semi-space-growth-factor=1");
async function main() {
	await perform(await readStep());
	rememberSettled();
}
function perform(step) {
	switch (modeOf(step.inputs, step.job.eventName)) {
		case "work": return work(step);
		case "thread": return handleThread(step);
		case "settle": return settleOwnRun(step);
		case "reconcile": return reconcileAll(step);
	}
}
/** What nobody has caught, or an event loop that has run empty with the work half done, must not end in green: post does the rest. */
let isOver = false;
process.on("uncaughtException", (error) => {
	isOver = true;
	setFailed(fullText(error));
	process.exit(1);
});
process.on("exit", (code) => {
	if (isOver || code !== 0) return;
	error("The step ended before its work did. This is a bug in Dispatch; the post step saves what there is.");
	process.exitCode = 1;
});
main().catch(fail).finally(() => {
	isOver = true;
	process.exit();
});
async function fail(thrown) {
	const error = isTold(thrown) ? thrown : archived(thrown, false) ?? thrown;
	if (!isTold(error)) {
		setFailed(fullText(error));
		return;
	}
	setFailed(`${error.message} ${error.nextStep}`);
	await summary.addHeading("Dispatch", 2).addRaw(`${error.message} ${error.nextStep}`).write();
}
function isTold(error) {
	return error instanceof Problem || error instanceof TokenRefused;
}
/** Anything can be thrown. */
function fullText(error) {
	return error instanceof Error ? error.stack ?? error.message : String(error);
}

export {  };
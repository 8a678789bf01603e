import { $ as rememberSettled, A as renderUnclear, B as workingRun, C as readReply, D as renderProblem, E as renderHelp, F as renderPlan, G as withoutControls, H as readMark, I as withMarker, J as findCommands, K as person, L as withNote, M as renderLateAnswer, N as renderWhichQuestion, O as renderRefusal, P as parsePlan, Q as planUrl, R as isActive, S as readQuestion, T as readConfig, U as renderMark, V as readEvent, W as readTick, X as readCommand, Y as mayNameTask, Z as readStep, _ as tasksOfThread, a as failure, at as talkOf, b as redrawStatus, c as endUnstarted, d as GRACE_MS, f as announceEnding, g as openQuestionsOf, h as unlabelWhenQuiet, i as ipcPath, it as renderTask, j as renderWarmUp, k as renderTasksStatus, l as startIfMissing, lt as summary, m as endTask, n as work, nt as parseTaskRef, o as failureBy, ot as Problem, p as announceIfUnsaid, q as addedCommands, r as threadPorts, rt as readTask, s as acceptTask, st as setFailed, tt as parseRunName, u as startRun, v as updateTask, w as resolveWorker, x as isOurs, y as redrawQuestion, z as next } from "./work-chunk.js";

// src/action/mode.ts
const THREAD_EVENTS = [
	"issue_comment",
	"issues",
	"pull_request",
	"pull_request_target",
	"pull_request_review",
	"pull_request_review_comment"
];
/**
* A job that looks after another one does nothing else. Otherwise a task or a prompt is worked on, whatever the event; without one,
* what was said in a thread is handled.
* @throws Problem "nothing-to-do"
*/
function modeOf({ task, prompt, settle }, eventName) {
	if (settle) return "settle";
	if (task !== null || prompt !== null) return "work";
	if (THREAD_EVENTS.includes(eventName)) return "thread";
	throw new Problem("nothing-to-do", `The event \`${eventName}\` says nothing in a thread, and neither \`task\` nor \`prompt\` is given.`, "Give the step a `prompt`, or run it on `issue_comment` and the other events of the ready-made workflow.");
}

// src/flows/choose-task.ts
/**
* The task that a command without a task means: the only one of the thread that it fits.
* @throws Problem "no-such-task", "which-task"
*/
function chooseTask(tasks, { task, verb, fits }) {
	const candidates = tasks.filter(({ ref, files }) => task === null ? fits(readTask(files).state) : ref.id === task);
	const [only] = candidates;
	if (task !== null && only !== void 0 && !fits(readTask(only.files).state)) throw doesNotFit(task, verb, only);
	if (only === void 0) throw new Problem("no-such-task", `There is no task here to ${verb}.`, "`/dispatch status` lists the tasks of this thread; `/dispatch <task>` starts one.");
	if (candidates.length > 1) {
		const ids = candidates.map(({ ref }) => `\`/dispatch ${verb} ${ref.id}\``).join(", ");
		throw new Problem("which-task", `Several tasks here could be meant by "${verb}".`, `Write which one: ${ids}.`);
	}
	return only;
}
function doesNotFit(task, verb, { files }) {
	const { state } = readTask(files);
	const how = state.kind === "finished" ? `has ended (${state.outcome.kind})` : `is ${state.kind}`;
	return new Problem("wrong-state", `Task \`${task}\` ${how}, so there is nothing to ${verb}.`, "`/dispatch status` shows how the tasks of this thread stand.");
}

// src/flows/add-note.ts
/**
* Appends what a person wants a worker to know to its plan; the worker meets it before its next item.
* @throws Problem "task-ended"
*/
async function addNote({ said }, { task, text }, tasks, { branches, clock }) {
	const chosen = chooseTask(tasks, {
		task,
		verb: "note",
		fits: isActive
	});
	const note = {
		from: said.by.login,
		text
	};
	await updateTask(chosen.ref, ({ ref, files }) => {
		const { state } = readTask(files);
		if (state.kind === "finished") throw ended(ref.id);
		const plan = parsePlan(files["plan.md"] ?? "");
		if (plan.notes.some((other) => other.from === note.from && other.text === note.text)) return null;
		return {
			files: { "plan.md": renderPlan(withNote(plan, note)) },
			message: `Note for ${ref.id}`
		};
	}, {
		branches,
		clock
	}, chosen);
}
function ended(id) {
	return new Problem("task-ended", `Task \`${id}\` has ended, so nobody would read the note.`, "Write the note as a new `/dispatch …` command, or `/dispatch retry` first.");
}

// src/flows/cancel-task.ts
/** How long a run may take to end itself, unhurried and with everything saved, before GitHub is asked to cancel it. */
const PATIENCE_MS = 2e4;
async function cancelByCommand(place, task, tasks, ports) {
	const fits = (state) => isActive(state) || state.kind === "parked";
	const { ref } = chooseTask(tasks, {
		task,
		verb: "cancel",
		fits
	});
	await cancelTask(ref, place.said.by.login, ports);
}
/** Asks a task to stop. Its run sees the commit and ends itself; a task that no run holds ends here and now. */
async function cancelTask(ref, by, ports) {
	const at = ports.clock.now().toISOString();
	const updated = await updateTask(ref, ({ files }) => {
		const task = readTask(files);
		const state = next(task.state, {
			kind: "cancel-requested",
			by,
			at
		});
		if (state === null) return null;
		return {
			files: { "task.yaml": renderTask({
				...task,
				state
			}) },
			message: `Cancel ${ref.id}`
		};
	}, ports);
	if (updated === null) return;
	const { state } = readTask(updated.snapshot.files);
	if (updated.changed && state.kind === "finished") return announceEnding(updated.snapshot, {}, ports);
	await redrawStatus(ref, updated.snapshot.files, ports);
	const run = workingRun(state);
	if (run !== null) ports.background.later(`cancel of ${ref.id}`, () => insist(ref, run.id, ports));
}
async function insist(ref, runId, ports) {
	const { branches, runs, clock } = ports;
	await clock.sleep(PATIENCE_MS);
	const snapshot = await branches.read(ref);
	if (snapshot === null) return;
	const { state } = readTask(snapshot.files);
	if (state.kind === "finished") return redrawStatus(ref, snapshot.files, ports);
	if (state.kind !== "cancelling" || state.run.id !== runId) return;
	await runs.cancel(runId);
	const run = await runs.read(runId);
	if (run !== null && run.status !== "completed") return;
	await endTask(ref, (task) => task.state.kind === "cancelling" ? {
		kind: "cancelled",
		by: task.state.by
	} : null, ports);
}

// src/flows/reply.ts
/**
* Answers a command that starts nothing. Such a command leaves no branch, so the reaction is its lock: who put it there replies;
* anybody else looks for the reply after a grace time and posts it only when it is missing.
*/
async function replyOnce({ said, lock, nth }, render, ports) {
	const mark = {
		kind: "reply",
		to: said.trigger.id,
		nth
	};
	if (lock === "again") {
		await ports.clock.sleep(GRACE_MS);
		if ((await ports.comments.since(said.thread.number, said.at)).some((comment) => isOurs(comment, mark, ports.self))) return;
	}
	await ports.comments.create(said.thread.number, render(renderMark(mark)));
}
function replyProblem(place, problem, ports) {
	return replyOnce(place, (mark) => renderProblem(mark, problem), ports);
}
function replyHelp(place, ports) {
	return replyOnce(place, renderHelp, ports);
}
function replyUnclear(place, command, ports) {
	return replyOnce(place, (mark) => renderUnclear(mark, command.prefix, command.candidates), ports);
}
async function replyWarmUp(place, ports) {
	const { config } = await ports.conversations.read(null);
	const loaded = readConfig(config);
	await replyOnce(place, (mark) => renderWarmUp(mark, loaded, { builtIn: config === null }), ports);
}
/** @param task one task's id; null for all tasks of the thread */
async function replyStatus(place, task, tasks, ports) {
	const rows = (task === null ? tasks : tasks.filter(({ ref }) => ref.id === task)).map(({ ref, head, files }) => ({
		task: readTask(files),
		plan: files["plan.md"] ?? "",
		planUrl: planUrl(ports.repository, ref),
		questions: openQuestionsOf([{
			ref,
			head,
			files
		}]).map(({ question }) => question.text)
	}));
	await replyOnce(place, (mark) => renderTasksStatus(mark, rows, ports.clock.now().toISOString()), ports);
}

// src/flows/retry-task.ts
async function retryByCommand(wanted, tasks, ports) {
	const { ref } = chooseTask(tasks, {
		task: wanted.task,
		verb: "retry",
		fits: (state) => state.kind === "finished" && state.outcome.kind !== "done"
	});
	await retryTask(ref, wanted.model, ports);
}
/**
* Starts the next run of an ended task: what is done stays done, everything else is open again.
* @throws Problem where the model is not known
*/
async function retryTask(ref, model, ports) {
	const { config, defaultBranch } = await ports.conversations.read(null);
	const worker = model === null ? null : resolveWorker(`--model ${model}`, readConfig(config)).worker;
	const at = ports.clock.now().toISOString();
	const updated = await updateTask(ref, ({ files }) => requeue(ref, files, worker, at), ports);
	if (updated === null) return;
	const { files } = updated.snapshot;
	if (!updated.changed) return readTask(files).state.kind === "queued" ? startIfMissing(ref, ports) : void 0;
	const [problem] = await Promise.all([startRun(ref, readTask(files), defaultBranch, ports), redrawStatus(ref, files, ports)]);
	await endUnstarted(ref, problem, ports);
}
function requeue(ref, files, worker, at) {
	const task = readTask(files);
	const state = task.state.kind === "parked" ? null : next(task.state, {
		kind: "requeued",
		at
	});
	if (state === null) return null;
	const retried = {
		...task,
		state,
		attempt: task.attempt + 1,
		worker: worker ?? task.worker,
		session: worker === null ? task.session : null
	};
	return {
		files: {
			"task.yaml": renderTask(retried),
			"plan.md": renderPlan(reopened(files["plan.md"] ?? ""))
		},
		message: `Retry ${ref.id}`
	};
}
/** Failed and blocked items are open again; the explanation below them stays, for the next worker to read. */
function reopened(text) {
	const plan = parsePlan(text);
	return plan.items.reduce((current, { marker }, index) => marker === "error" || marker === "blocked" ? withMarker(current, index, "open") : current, plan);
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
	await endTask(ref, (task, files) => leftBehind(task, files, ended), ports, snapshot);
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

// src/flows/take-answer.ts
/** A plain comment in a thread that waits for a person. Silence for everything that is not meant as an answer. */
async function answerByReply(said, ports) {
	const tasks = await tasksOfThread(said.thread.number, ports.index);
	const open = openQuestionsOf(tasks);
	const reply = readReply({
		by: said.by.login,
		body: said.body,
		at: said.at
	}, open);
	if (reply.kind === "not-an-answer") {
		ports.log.info(`Not an answer: ${reply.reason}`);
		return repairResumed(tasks, ports);
	}
	if (!await ports.permissions.mayWrite(said.by.login)) return;
	const place = {
		said,
		lock: await ports.reactions.add(said.trigger, "eyes"),
		nth: 0
	};
	if (reply.kind === "which") return replyOnce(place, (mark) => renderWhichQuestion(mark, reply.among), ports);
	if (await takeAnswer(answerTo(reply.to, reply.text, said.by.login), ports) === "late") await replyOnce(place, (mark) => renderLateAnswer(mark, reply.to.ref), ports);
}
/** `/dispatch answer [task] [NNN] text`: also for whoever did not ask for the task. */
async function answerByCommand(place, command, tasks, ports) {
	const wanted = (open) => (command.task === null || open.ref.id === command.task) && (command.question === null || open.question.number === command.question);
	const open = openQuestionsOf(tasks).filter(wanted);
	const [only] = open;
	if (only === void 0 && hasAnswered(tasks, command.text, place.said.by.login)) return;
	if (only === void 0) return answerLate(place, command, tasks, ports);
	if (open.length > 1) return replyOnce(place, (mark) => renderWhichQuestion(mark, open), ports);
	if (await takeAnswer(answerTo(only, command.text, place.said.by.login), ports) === "late") await replyOnce(place, (mark) => renderLateAnswer(mark, only.ref), ports);
}
async function answerByTick(ticked, control, ports) {
	const snapshot = await ports.branches.read(control.ref);
	if (snapshot === null) return;
	const text = readQuestion(control.question, snapshot.files[ipcPath(control.question, "question")] ?? "").options[control.index];
	if (text === void 0) return redrawQuestion(control.ref, control.question, snapshot.files, ports);
	if (await takeAnswer({
		ref: control.ref,
		question: control.question,
		text,
		by: ticked.by.login
	}, ports, snapshot) === "late") await redrawQuestion(control.ref, control.question, snapshot.files, ports);
}
/**
* Commits an answer against everybody else who answers, parks or cancels at this moment. The first one counts; a later one becomes a
* note on the plan. A parked task is started again with it.
*/
async function takeAnswer(answer, ports, from) {
	const at = ports.clock.now().toISOString();
	const updated = await updateTask(answer.ref, ({ files }) => decide(answer, files, at), ports, from);
	if (updated === null) return "late";
	const { files } = updated.snapshot;
	const task = readTask(files);
	if (!isTaken(answer, task, files)) return "late";
	if (!updated.changed) {
		if (task.state.kind === "queued") await startIfMissing(answer.ref, ports);
		return "taken";
	}
	await Promise.all([task.state.kind === "queued" ? resume(answer.ref, files, ports) : void 0, redrawQuestion(answer.ref, answer.question, files, ports)]);
	const talk = talkOf(task);
	if (talk !== null) await unlabelWhenQuiet(talk.number, ports);
	return "taken";
}
function decide({ ref, question, text, by }, files, at) {
	const task = readTask(files);
	const state = next(task.state, {
		kind: "answered",
		question,
		at
	});
	const exchange = task.exchanges[question];
	const answered = files[ipcPath(question, "answer")] !== void 0;
	if (isTaken({
		ref,
		question,
		text,
		by
	}, task, files)) return null;
	if (state === null || exchange === void 0 || answered) return task.state.kind === "finished" ? null : note(ref, {
		from: by,
		text
	}, files);
	const attempt = state.kind === "queued" ? task.attempt + 1 : task.attempt;
	const exchanges = {
		...task.exchanges,
		[question]: {
			...exchange,
			answeredBy: by
		}
	};
	return {
		files: {
			[ipcPath(question, "answer")]: answerFile(text),
			"task.yaml": renderTask({
				...task,
				state,
				attempt,
				exchanges
			})
		},
		message: `Answer question ${question} of ${ref.id}`
	};
}
function note(ref, { from, text }, files) {
	const plan = parsePlan(files["plan.md"] ?? "");
	if (plan.notes.some((known) => known.from === from && known.text === text)) return null;
	return {
		files: { "plan.md": renderPlan(withNote(plan, {
			from,
			text
		})) },
		message: `Note a late answer to ${ref.id}`
	};
}
/** The same delivery again: what it says has been taken already. */
function hasAnswered(tasks, text, by) {
	return tasks.some(({ ref, files }) => {
		const task = readTask(files);
		return Object.keys(task.exchanges).some((question) => isTaken({
			ref,
			question,
			text,
			by
		}, task, files));
	});
}
/** The very answer that counts: the same words of the same person. */
function isTaken({ question, text, by }, task, files) {
	return files[ipcPath(question, "answer")] === answerFile(text) && task.exchanges[question]?.answeredBy === by;
}
async function resume(ref, files, ports) {
	const { defaultBranch } = await ports.conversations.read(null);
	const problem = await startRun(ref, readTask(files), defaultBranch, ports);
	await redrawStatus(ref, files, ports);
	await endUnstarted(ref, problem, ports);
}
/** Tasks that an answer has queued again and that nobody has started: whoever was to do it may have died. */
async function repairResumed(tasks, ports) {
	const resumed = tasks.filter(({ files }) => {
		const { state, attempt } = readTask(files);
		return state.kind === "queued" && attempt > 1;
	});
	for (const { ref } of resumed) await startIfMissing(ref, ports);
}
async function answerLate(place, command, tasks, ports) {
	const task = tasks.find(({ ref }) => ref.id === command.task);
	const number = command.question;
	if (task === void 0 || number === null || task.files[ipcPath(number, "question")] === void 0) throw new Problem("no-question", "No question is open here that this could answer.", "See `/dispatch status`; to tell a running worker something, write `/dispatch note <task> <text>`.");
	await takeAnswer({
		ref: task.ref,
		question: number,
		text: command.text,
		by: place.said.by.login
	}, ports);
	await replyOnce(place, (mark) => renderLateAnswer(mark, task.ref), ports);
}
function answerTo(open, text, by) {
	return {
		ref: open.ref,
		question: open.question.number,
		text,
		by
	};
}
function answerFile(text) {
	return `${text.trimEnd()}\n`;
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
async function hear(said, ports) {
	if (said.byBot) return;
	const commands = said.before === null ? findCommands(said.body) : addedCommands(said.before, said.body);
	if (commands.length === 0) {
		if (said.waiting && said.before === null) await answerByReply(said, ports);
		return;
	}
	const [lock, mayWrite] = await Promise.all([ports.reactions.add(said.trigger, "eyes"), ports.permissions.mayWrite(said.by.login)]);
	if (mayWrite && said.before !== null && await isRewording(said, ports)) {
		await obeyed({
			said,
			lock,
			nth: 0
		}, () => Promise.reject(reworded()), ports);
		return;
	}
	for (const command of commands) {
		const place = {
			said,
			lock,
			nth: commands.indexOf(command)
		};
		if (!mayWrite) {
			await replyOnce(place, (mark) => renderRefusal(mark, said.by.login), ports);
			return;
		}
		await obey(command, place, ports);
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
function obey(text, place, ports) {
	return obeyed(place, () => perform$1(text, place, ports), ports);
}
/** Does what a command asks for; a Problem on the way is the reply. */
async function obeyed(place, act, ports) {
	try {
		await act();
	} catch (error) {
		if (!(error instanceof Problem)) throw error;
		ports.log.info(`${error.code}: ${error.message}`);
		await replyProblem(place, error, ports);
	}
}
async function perform$1(text, place, ports) {
	const tasks = mayNameTask(text.text) ? await tasksOfThread(place.said.thread.number, ports.index) : [];
	const command = readCommand(text.text, tasks.map(({ ref }) => ref.id));
	switch (command.kind) {
		case "task": return acceptTask(requestOf(command.text, text.nth, place.said), ports);
		case "warm-up": return replyWarmUp(place, ports);
		case "help": return replyHelp(place, ports);
		case "status": return replyStatus(place, command.task, tasks, ports);
		case "cancel": return cancelByCommand(place, command.task, tasks, ports);
		case "retry": return retryByCommand(command, tasks, ports);
		case "answer": return answerByCommand(place, command, tasks, ports);
		case "note": return addNote(place, command, tasks, ports);
		case "unclear": return replyUnclear(place, command, ports);
	}
}
function requestOf(text, nth, said) {
	return {
		thread: said.thread,
		trigger: said.trigger,
		by: said.by,
		at: said.at,
		text,
		nth,
		model: null,
		place: said.place
	};
}
/** A box of ours that somebody ticked, or an edit of our comment that is not a tick: then it is drawn anew. */
async function obeyTick(ticked, ports) {
	const mark = readMark(ticked.after) ?? readMark(ticked.before);
	if (mark === null || ticked.byBot) return;
	const control = readTick(ticked.before, ticked.after);
	if (!(control !== null && await ports.permissions.mayWrite(ticked.by.login))) return redraw(mark, ports);
	switch (control.kind) {
		case "cancel": return cancelTask(control.ref, ticked.by.login, ports);
		case "retry":
			await retryTask(control.ref, null, ports);
			if (mark.kind === "result") await ports.comments.edit(ticked.comment.id, retried(ticked));
			return;
		case "option": return answerByTick(ticked, control, ports);
	}
}
function retried({ after, by }) {
	return withoutControls(after, `🔁 Retried by ${person(by.login)}.`);
}
async function redraw(mark, ports) {
	const snapshot = mark.kind === "reply" ? null : await ports.branches.read(mark.ref);
	if (snapshot === null) return;
	switch (mark.kind) {
		case "status": return redrawStatus(mark.ref, snapshot.files, ports);
		case "question": return redrawQuestion(mark.ref, mark.question, snapshot.files, ports);
		case "result":
		case "reply": return;
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
	await handleEvent(event, threadPorts(step));
	await background.settled();
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
}

// src/action/main.ts
async function main() {
	await perform(await readStep());
	rememberSettled();
}
function perform(step) {
	switch (modeOf(step.inputs, step.job.eventName)) {
		case "work": return work(step);
		case "thread": return handleThread(step);
		case "settle": return settleOwnRun(step);
	}
}
main().catch(async (error) => {
	if (!(error instanceof Problem)) {
		setFailed(error instanceof Error ? error.stack ?? error.message : String(error));
		return;
	}
	setFailed(`${error.message} ${error.nextStep}`);
	await summary.addHeading("Dispatch", 2).addRaw(`${error.message} ${error.nextStep}`).write();
});

export {  };
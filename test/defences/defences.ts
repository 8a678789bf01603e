import type { Check, Removal } from "./lab.ts";

/** Something that keeps harm away, how it is taken away, and what must notice. */
interface Defence extends Removal {
  readonly name: string;
  readonly check: Check;
  /** Also in the quick gate. */
  readonly quick?: boolean;
}

/** Those of one source file. */
function inFile(
  file: string,
  ...defences: readonly (readonly [name: string, from: string, to: string, check: Check])[]
) {
  return defences.map(([name, from, to, check]): Defence => ({ name, file, from, to, check }));
}

/** A test by its file and the beginning of its full name. */
function test(file: string, name: string): Check {
  return { test: `test/${file}.test.ts`, name };
}

/** Nothing lost, nothing twice. */
const STATE: readonly Defence[] = [
  ...inFile("src/core/lifecycle.ts", [
    "a run takes only what is queued",
    `if (state.kind === "queued") return { kind: "running", run };`,
    `if (state.kind !== "finished") return { kind: "running", run };`,
    test("flows/claim-task", "a run leaves a task alone that is"),
  ]),
  ...inFile("src/flows/claim-task.ts", [
    "a run takes only its own attempt",
    "if (attempt !== null && attempt !== task.attempt) return null;",
    "",
    test("flows/claim-task", "a run that was started for an earlier attempt claims nothing"),
  ]),
  ...inFile("src/adapters/github-comments.ts", [
    "a comment is looked for before it is posted again",
    "return found === undefined ? null : { data: found };",
    "return null;",
    test("adapters/github-once", "posting a comment takes place once"),
  ]),
  ...inFile("src/adapters/github-runs.ts", [
    "a run is looked for before it is started again",
    "async () => (await asked(access.clock.now().toISOString(), access)).get(runName(ref, attempt)) ?? null,",
    "async () => null,",
    test("adapters/github-once", "starting a run takes place once"),
  ]),
  ...inFile("src/adapters/github-pull-requests.ts", [
    "a pull request is looked for before it is opened again",
    "return present === null ? null : { data: present };",
    "return null;",
    test("adapters/github-pull-requests", "open finds the one that a lost reply left behind"),
  ]),
  ...inFile("src/adapters/github-issues.ts", [
    "an issue is looked for before it is opened again",
    "return number === null ? null : { data: { number } };",
    "return null;",
    test("adapters/github-once", "opening an issue takes place once"),
  ]),
  ...inFile("src/core/new-task.ts", [
    "a task's name is a function of its delivery",
    ":${text}${beside}`);",
    ":${text}${beside}${Math.random()}`);",
    test("flows/hear", "a command that is delivered twice, at once, is done once"),
  ]),
  ...inFile("src/flows/accept-task.ts", [
    "a delivery whose task has been cleaned up starts nothing",
    "if (hasStatusComment(conversation, ref, self)) {",
    "if (ref.id.length === 0) {",
    test("flows/hear", "a command that is delivered again after its task has been cleaned up starts nothing"),
  ]),
  ...inFile(
    "src/adapters/github-task-branch.ts",
    [
      "a change that comes too late is not taken for one that was made",
      `if (isStale(error)) return "stale";`,
      "if (isStale(error)) return { head: expected };",
      test("adapters/github-task-branch", "commit is stale when the head has moved"),
    ],
    [
      "a change names the head that it was decided on",
      "expectedHeadOid: expected,",
      "expectedHeadOid: (await read(ref, access))?.head ?? expected,",
      test("adapters/github-task-branch", "commit is stale when the head has moved"),
    ],
  ),
  ...inFile("src/flows/update-task.ts", [
    "whoever loses a race decides again",
    "snapshot = await branches.read(ref);\n  }",
    "return { snapshot, changed: false };\n  }",
    test("flows/update-task", "a race lost 1 times is decided again"),
  ]),
  ...inFile("src/flows/take-answer.ts", [
    "an answer is not written over another",
    "if (state === null || exchange === undefined || answered) {",
    "if (exchange === undefined) {",
    test("flows/obey-tick", "a tick that answers too late finds the answer that counts"),
  ]),
  ...inFile("src/flows/take-answer.ts", [
    "a second answer is not dropped without a word",
    "const asked = open.length > 0 ? open : answeredSince(meant, at);",
    "const asked = open;",
    test("flows/settle-run", "a moment too late"),
  ]),
  ...inFile("src/flows/settle-run.ts", [
    "a run that dies while it asks leaves its question open",
    "if (await parkLeftBehind(ref, { id: ended.runId, tryNumber: ended.tryNumber }, ports, snapshot)) return;",
    "",
    test("flows/settle-run", "parks a task that asks"),
  ]),
  ...inFile("src/core/reconcile.ts", [
    "an ending is left to the run that says it",
    ` || (run !== null && run.status !== "completed")) return { kind: "none" };`,
    `) return { kind: "none" };`,
    test("core/reconcile", "its run there to say so"),
  ]),
  ...inFile("src/flows/sync-progress.ts", [
    "work is pushed before its item is ticked on the branch",
    `const isSafe = (finished.length === 0 && !live.unpushed) || (await pushItems(live, { final }, ports));
  await Promise.all([
    commitNews(live, isSafe ? folder : without(folder, "plan.md"), { at, final }),`,
    `await commitNews(live, folder, { at, final });
  if (finished.length > 0 || live.unpushed) await pushItems(live, { final }, ports);
  await Promise.all([`,
    { trials: { hosting: "server", story: "answered", calls: "CommitToTask", by: "run", kinds: ["crash-after"] } },
  ]),
  ...inFile("src/flows/settle-run.ts", [
    "a run that has died is given its ending",
    "await endTask(ref, (task, files) => leftBehind(task, files, ended), ports);",
    "",
    { trials: { hosting: "server", story: "answered", calls: "CommitToTask", by: "run", kinds: ["crash-after"] } },
  ]),
  ...inFile("src/flows/relay-questions.ts", [
    "a run that takes over looks for the question that was asked before",
    "live.hasTakenOver ? await findQuestion(live.task, mark, ports) : null",
    "(await findQuestion(live.task, mark, ports)) === null ? null : null",
    { trials: { hosting: "server", story: "answered", calls: "git/ref/", by: "run", kinds: ["crash-after"] } },
  ]),
  ...inFile(
    "src/flows/task-course.ts",
    [
      "an ending sets going what has waited for it",
      "await Promise.all([releaseDependents(ended.ref, ports), sayEnding(ended, facts, ports)]);",
      "[false, await sayEnding(ended, facts, ports)];",
      test("flows/task-course", "a task that is done"),
    ],
    [
      "who only comes past leaves an ending to the run that is there to say it",
      `if (run === null || run.status === "completed") await announceIfUnsaid(snapshot, ports);`,
      "await announceIfUnsaid(snapshot, ports);",
      test("flows/task-course", "whose run is still there"),
    ],
  ),
  ...inFile(
    "src/flows/reconcile.ts",
    [
      "an ending that was not said is said",
      "return announceIfUnsaid(snapshot, ports, mayBeAwaited);",
      "return;",
      test("flows/reconcile", "a round says an ending that was committed and not said, once"),
    ],
    [
      "a question that was not asked is asked",
      "return showQuestions(ref, files, ports);",
      "return;",
      test("flows/reconcile", "a round asks a question that was committed and never asked"),
    ],
    [
      "a run that nobody has asked for is asked for",
      "await startIfMissing(ref, ports);",
      "",
      test("flows/reconcile", "a round starts a run that nobody has asked for, once"),
    ],
    [
      "a run that has ended without a word is settled",
      `case "settle":
      return settle(snapshot, run, ports);`,
      `case "settle":
      return;`,
      test("flows/reconcile", "a round ends a task whose run has ended without a word"),
    ],
    [
      "silence is measured by GitHub's clock",
      "const now = run?.seenAt ?? ports.clock.now().toISOString();",
      "const now = ports.clock.now().toISOString();",
      test("flows/reconcile", "a round judges silence by GitHub's time"),
    ],
  ),
  ...inFile("src/flows/live-task.ts", [
    "a run that has nothing to say says that it lives",
    "await this.change(() => ({ files: {}, message: `Still at work on ${this.ref.id}` }));",
    "",
    test("flows/lease", "says that it lives only after ten minutes"),
  ]),
  ...inFile("src/core/redelivery.ts", [
    "what has arrived is not delivered again",
    " || tries.some(({ ok }) => ok) ? [] :",
    " ? [] :",
    test("core/redelivery", "of one that arrived"),
  ]),
  ...inFile(
    "src/flows/task-course.ts",
    [
      "the second handler of a delivery leaves the first its time",
      "await ports.clock.sleep(GRACE_MS);\n  const snapshot = await ports.branches.read(ref);\n  const task",
      "const snapshot = await ports.branches.read(ref);\n  const task",
      test("flows/task-course", "a run that is asked for when it is missing"),
    ],
    [
      "a run is not asked for where it is there",
      "if ((await ports.runs.asked(task.state.since)).has(runName(ref, task.attempt))) return;",
      "",
      test("flows/task-course", "a run that is asked for when it is missing"),
    ],
  ),
  ...inFile("src/flows/take-answer.ts", [
    "an answer whose run was not asked for has it asked for",
    "await Promise.all(resumed.map(({ ref }) => startIfMissing(ref, ports)));",
    "",
    test("flows/settle-run", "starts the next run of an answer whose hearer died before"),
  ]),
  ...inFile("src/flows/work-session.ts", [
    "an answer that a commit has met gets to the worker",
    "await deliverAnswers(this.#live, this.#ports);",
    "",
    test("flows/changed", "an answer that a commit of the run has met"),
  ]),
  ...inFile(
    "src/flows/waiting-label.ts",
    [
      "a label that is taken off too early is put back",
      "if (!(await isWaiting(thread, ports.index))) return;",
      "if (thread > 0) return;",
      test("flows/conversation-changes", "the label that is taken off while something waits is put back where"),
    ],
    [
      "who answers while the label is off is heard",
      "await ports.hearMissed(thread);",
      "",
      test("flows/conversation-changes", "the label that is taken off while something waits hears the answer"),
    ],
  ),
  ...inFile("src/flows/redraw.ts", [
    "a question is left to the run that has just committed it",
    "clock.now().getTime() - Date.parse(askedAt) > ASKING_GRACE_MS",
    "clock.now().getTime() > 0",
    test("flows/conversation-changes", "a question that its run has just committed is posted by others only when"),
  ]),
  ...inFile("src/flows/relay-questions.ts", [
    "a question can be heard before it is asked",
    `await labelAsWaiting(talk.number, ports);
  const asked = await unlessClosed(() => askThere(live, unasked, ports), ports.log);`,
    `const asked = await unlessClosed(() => askThere(live, unasked, ports), ports.log);
  await labelAsWaiting(talk.number, ports);`,
    test("flows/conversation-changes", "a question that its run has just committed is heard from the moment"),
  ]),
  ...inFile("src/flows/handle-event.ts", [
    "an event that a refused token has kept from being heard is not taken for done",
    "if (!(error instanceof Problem)) throw error;",
    "",
    test("flows/hear", "a command is not done with where the job's token was refused"),
  ]),
  ...inFile("src/flows/redeliver.ts", [
    "what has not arrived is asked for again",
    "await deliveries.redeliver(id);",
    "",
    test("adapters/github-deliveries", "delivers again what never arrived"),
  ]),
  ...inFile("src/flows/reconcile-thread.ts", [
    "a twin of the status comment is taken away",
    "for (const twin of found) if (twin.id !== kept?.id) await ports.comments.remove(twin.id);",
    "",
    test("flows/reconcile", "a thorough look takes twins of the status comment"),
  ]),
  ...inFile("src/flows/clean-up.ts", [
    "a branch is kept while its delivery may come again",
    "clock.now().getTime() - Date.parse(state.at) > KEPT_MS",
    "clock.now().getTime() > 0",
    test("flows/clean-up", "/dispatch cleanup empties a young branch"),
  ]),
];

/** Limits and tokens. */
const CLIENT: readonly Defence[] = [
  ...inFile("src/adapters/github-token.ts", [
    "a token that is not accepted any more is replaced",
    "if (statusOf(error) !== 401) throw error;",
    "throw error;",
    test("adapters/github-token", "a token that GitHub does not accept any more"),
  ]),
  ...inFile("src/adapters/github-error.ts", [
    "GitHub's own wait is kept",
    "if (Number.isFinite(after) && after >= 0) return after * 1000;",
    "",
    test("adapters/github-call", "trouble that passes waits"),
  ]),
  ...inFile("src/adapters/github-budget.ts", [
    "what must be made goes before what can be left out",
    `if (urgency !== "correct") {`,
    `if (urgency === null) {`,
    test("adapters/github-budget", "what can be left out is left out"),
  ]),
  ...inFile("src/core/rate-budget.ts", [
    "an hour that is used up is waited for",
    "return spare >= 1 ? 0 : budget.resetAt - now;",
    "return spare >= -1e9 ? 0 : budget.resetAt - now;",
    test("core/rate-budget", "what must be made"),
  ]),
];

/** Who may say what. */
const PEOPLE: readonly Defence[] = [
  ...inFile("src/core/permission.ts", [
    "people without write access command nothing",
    `if (!atLeast(role, "write")) return false;`,
    "",
    test("core/permission", "who may command"),
  ]).map((defence) => ({ ...defence, quick: true })),
  ...inFile("src/flows/hear.ts", [
    "a command that is refused starts nothing",
    "if (!heard.allowed) return replyOnce(first, (mark) => renderRefusal(mark, said.by.login), ports);",
    "",
    test("flows/hear", "a command of somebody whose role is read is refused"),
  ]),
  ...inFile("src/flows/take-answer.ts", [
    "only who may write answers",
    "if (!mayWrite(await ports.permissions.roleOf(by.login))) return;",
    "",
    test("flows/hear", "a reply where something is asked answers a question only while its author may write"),
  ]),
  ...inFile("src/flows/hear-reply.ts", [
    "only who may write decides",
    "if (!mayWrite(await ports.permissions.roleOf(said.by.login))) return true;",
    "",
    test("flows/hear", "a reply where something is asked counts from the requester alone"),
  ]),
  ...inFile(
    "src/flows/obey-tick.ts",
    [
      "a tick by whoever may not is taken back",
      "if (control === null || !(await isAllowed(control, ticked, ports))) return redraw(mark, ticked, ports);",
      "if (control === null) return redraw(mark, ticked, ports);",
      test("flows/obey-tick", "an edit that is no tick that counts by a stranger"),
    ],
    [
      "a bot ticks nothing",
      "if (mark === null || ticked.byBot) return;",
      "if (mark === null) return;",
      test("flows/obey-tick", "an edit that is no tick that counts by a bot is left alone"),
    ],
  ),
  ...inFile("src/flows/our-comments.ts", [
    "a mark counts in our own comments alone",
    "const found = logins.includes(comment.author) ? readMark(comment.body) : null;",
    "const found = readMark(comment.body);",
    test("flows/claim-task", "the status comment is the oldest of twins"),
  ]),
  ...inFile("src/adapters/github-api.ts", [
    "what somebody else has posted with our mark is not ours",
    "self.some((login) => login.toLowerCase() === user.login.toLowerCase());",
    "self.length > 0;",
    test("adapters/github-comments", "create posts again when only somebody else's with our mark is there"),
  ]),
  ...inFile("src/core/marker.ts", [
    "a mark counts at a body's beginning alone",
    "/^<!-- dispatch:(status",
    "/<!-- dispatch:(status",
    test("core/marker", "reads no mark from"),
  ]),
];

/** The worker, and what it writes. */
const WORKERS: readonly Defence[] = [
  ...inFile("src/adapters/github-task-branch-create.ts", [
    "no path leads out of a task's folder on its branch",
    `!["", ".", "..", ".git"].includes(part.toLowerCase())`,
    `part !== "\\0"`,
    test("adapters/github-task-branch", "create refuses to write"),
  ]),
  ...inFile("src/adapters/task-folder-write.ts", [
    "no path leads out of a task's folder in the workspace",
    "if (!PATH.test(path)) throw new Error(`Not a path inside a task's folder: ${path}`);",
    "",
    test("adapters/task-folder", "writing refuses the path"),
  ]),
  ...inFile(
    "src/adapters/task-folder-read.ts",
    [
      "a link in a folder's place is not followed",
      "if (!(await liesWithin(file, directory, path))) return",
      "if (file.fd < 0) return",
      test("adapters/task-folder", "what a hostile worker puts there is not followed"),
    ],
    [
      "a hard link is not read",
      "if (found.nlink > 1) return",
      "if (found.nlink < 0) return",
      test("adapters/task-folder", "what a hostile worker puts there is not read: a hard link"),
    ],
    [
      "a pipe is not read",
      "if (!found.isFile()) return",
      "if (found.size < 0) return",
      test("adapters/task-folder", "what a hostile worker puts there is not read: a pipe"),
    ],
    [
      "a file is read up to a size",
      "const MAX_BYTES = 256 * 1024;",
      "const MAX_BYTES = 64 * 1024 * 1024;",
      test("adapters/task-folder", "reading cuts what is too long"),
    ],
    [
      "so many files are read",
      "const MAX_FILES = 300;",
      "const MAX_FILES = 3000;",
      test("adapters/task-folder", "reading stops at 300 files"),
    ],
  ),
  ...inFile(
    "src/core/safe-text.ts",
    [
      "a text keeps to its limit",
      "if (length + safe.length + 1 + closing + 2 > limit) {",
      "if (length + safe.length + 1 + closing + 2 > 1e9) {",
      test("core/safe-text", "text of a worker keeps to its limit"),
    ],
    [
      "a worker's text holds no mark of ours",
      `return text.replace(/<!--(?=\\s*dispatch:)/gi, "<! --");`,
      "return text;",
      test("core/safe-text", "text of a worker never holds a mark of ours"),
    ],
    [
      "a worker's text commands nothing",
      `.replace(COMMAND, "$1\\\\/")
    .replace(DEFINITION,`,
      ".replace(DEFINITION,",
      test("core/safe-text", "text of a worker does nothing on GitHub"),
    ],
  ),
  ...inFile("src/core/defuse.ts", [
    "a worker's text mentions nobody",
    "return MENTION.test(text) || REFERENCE.test(text)",
    "return REFERENCE.test(text)",
    test("core/safe-text", "text of a worker does nothing on GitHub"),
  ]),
  ...inFile("src/core/log-text.ts", [
    "a worker's text commands nothing in the log",
    `.replace(ANYWHERE, "# #")`,
    "",
    test("hostile/worker-files", "a log shows"),
  ]),
  ...inFile(
    "src/adapters/masking.ts",
    [
      "a task's files hold no secret",
      "[path, maskSecrets(text, secrets)] as const",
      "[path, text] as const",
      test("adapters/masking", "secrets of the run cannot be read from a task's folder"),
    ],
    [
      "a worker's output holds no secret",
      "place.onLine(maskSecrets(line, secrets))",
      "place.onLine(line)",
      test("adapters/masking", "secrets of the run are not in what a worker prints"),
    ],
  ),
  ...inFile(
    "src/adapters/worker-environment.ts",
    [
      "a worker is given only variables that are named",
      "(named.has(entry[0]) || isListed(entry[0], command.kind, environment)),",
      "true,",
      test("adapters/worker-environment", "a worker's environment does not hold"),
    ],
    [
      "an agent does not see another agent's keys",
      `kind === "generic" ? [...Object.values(AGENTS), OTHERS] : [AGENTS[kind]]`,
      "[...Object.values(AGENTS), OTHERS]",
      test("adapters/worker-environment", "a worker's environment holds the keys of"),
    ],
    [
      "no config hands a worker the run's own variables",
      "!isForbidden(entry[0]) &&",
      "",
      test("adapters/worker-environment", "a worker's environment never holds"),
    ],
    [
      "a worker is not given the token under another name",
      "!tokens.has(entry[1]) &&",
      "",
      test("adapters/worker-environment", "a worker's environment does not hold the run's token under another name"),
    ],
  ),
  ...inFile(
    "src/adapters/git-workspace.ts",
    [
      "a branch's own .dispatch/ is not seen by the worker",
      `await rm(join(place.directory, ".dispatch"), { recursive: true, force: true });`,
      "",
      test("adapters/git-checkout", "the repository's own .dispatch/ is not seen by the worker"),
    ],
    [
      "a worker's task folder is never committed to the code's branch",
      "await restoreTaskFolders(git, tip);",
      "",
      test("adapters/git-checkout", "the repository's own .dispatch/ is taken out again"),
    ],
  ),
  ...inFile("src/adapters/git-checkout.ts", [
    "a pull request tells agents nothing",
    "onPullRequest || pull !== null ? { base, tip } : null",
    "null",
    test("adapters/git-agent-config", "what a pull request tells agents is replaced"),
  ]),
  ...inFile(
    "src/adapters/git-agent-config.ts",
    [
      "what stands in for a pull request's configuration is not committed",
      'await git(["update-index", "-z", "--skip-worktree", "--stdin"], { input: hidden.join("\\0") });',
      "{}",
      test("adapters/git-agent-config", "what a pull request tells agents stays on its branch"),
    ],
    [
      "no link of a pull request leads configuration out of the tree",
      "ofBase.has(path) && (await isInside(place.directory, path))",
      "ofBase.has(path)",
      test("adapters/git-agent-config", "what a pull request tells agents leads nowhere"),
    ],
  ),
];

export const DEFENCES: readonly Defence[] = [...STATE, ...CLIENT, ...PEOPLE, ...WORKERS];

// A worker without a model: it reads its prompt, keeps to the file protocol that the prompt describes, and does a small, real job in the
// sample repository. It uses nothing but Node and knows nothing of the program that starts it.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { answerInPrompt, askAndWait } from "./mail.mjs";
import { itemsOf, mark, readPlan, replaceItems, writeWhole } from "./plan-file.mjs";
import { foreignStep, stepsFor } from "./steps.mjs";

process.on("SIGTERM", () => process.exit(143));

const prompt = readFileSync(0, "utf8");
const folder = /^Plan: (\.dispatch\/tasks\/[a-z0-9][a-z0-9-]*)\/plan\.md$/m.exec(prompt)?.[1];
if (folder === undefined) {
  console.error("The prompt names no plan.");
  process.exit(2);
}

const flag = process.argv.indexOf("--pace-ms");
const pace = Number(flag < 0 ? (process.env.DISPATCH_DEMO_PACE_MS ?? 1500) : process.argv[flag + 1]);
const minutes = Number(/answer\b[^\n]*?(\d+(?:\.\d+)?) minutes?\b/.exec(prompt)?.[1] ?? 10);
const patience = Number(process.env.DISPATCH_ANSWER_TIMEOUT_SECONDS ?? minutes * 60) * 1000;

console.log(`Demo worker ${process.pid} works on ${folder}.`);
await work();

async function work() {
  const [first, ...others] = itemsOf(readPlan(folder));
  const steps = stepsFor({ folder, prompt });
  if (first?.marker === " " && others.length === 0 && /\bprovisional\b/.test(prompt)) {
    await sleep(pace);
    replaceItems(
      folder,
      steps.map(({ text }) => text),
    );
    console.log(`Wrote a plan of ${steps.length} steps.`);
  }
  let given = answerInPrompt(prompt);
  for (;;) {
    const items = itemsOf(readPlan(folder));
    const at = items.findIndex(({ marker }) => marker !== "x");
    if (at < 0) break;
    const { text, marker } = items[at];
    // What was blocked or has failed is being worked on again.
    if (marker !== " ") mark(folder, at, " ");
    console.log(`Working on: ${text}`);
    await sleep(pace);
    const done = items.slice(0, at).map((item) => item.text);
    const step = steps.find((known) => known.text === text) ?? foreignStep({ folder, text });
    const ended = await workOn({ text, step, done, given });
    if (ended.stop !== undefined) {
      mark(folder, at, ended.stop, ended.because);
      return;
    }
    if (ended.usedAnswer) given = null;
    mark(folder, at, "x");
    console.log(`Done: ${text}`);
  }
  writeWhole(`${folder}/ipc/.done`, "");
  console.log("Everything is done.");
}

async function workOn({ step, done, given, text }) {
  const question = step.question?.() ?? null;
  let answer = null;
  if (question !== null) {
    answer = given ?? (await askAndWait({ folder, question, patience }));
    if (answer === null) {
      step.context({ done, question });
      console.log(`Nobody has answered. Stopping at: ${text}`);
      return { stop: "?", because: question };
    }
    console.log(`The answer: ${answer.split("\n")[0]}`);
  }
  try {
    step.work({ answer, done });
    return { usedAnswer: answer !== null };
  } catch (error) {
    console.log(`It does not work: ${error.message}`);
    return { stop: "!", because: error.message };
  }
}

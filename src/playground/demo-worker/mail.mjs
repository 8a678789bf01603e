import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { writeWhole } from "./plan-file.mjs";

/** Asks by `ipc/NNN.question` and waits for `NNN.answer`. Null when it does not come in time. */
export async function askAndWait({ folder, question, patience }) {
  const ipc = `${folder}/ipc`;
  mkdirSync(ipc, { recursive: true });
  const numbers = readdirSync(ipc).flatMap((name) => /^(\d{3})\.question$/.exec(name)?.[1] ?? []);
  const number = String(Math.max(0, ...numbers.map(Number)) + 1).padStart(3, "0");
  writeWhole(`${ipc}/${number}.question`, `${question}\n`);
  console.log(`Asked question ${number}; demo worker ${process.pid} waits.`);
  const limit = Date.now() + patience;
  while (!existsSync(`${ipc}/${number}.answer`)) {
    if (Date.now() > limit) return null;
    await sleep(100);
  }
  const answer = readFileSync(`${ipc}/${number}.answer`, "utf8").trim();
  writeWhole(`${ipc}/${number}.done`, "");
  return answer;
}

/** `Answer to question 001:` and below it the answer, quoted or fenced. */
export function answerInPrompt(prompt) {
  const lines = prompt.split(/\r?\n/);
  const at = lines.findIndex((line) => /^Answer to question \d{3}\b/.test(line));
  if (at < 0) return null;
  const rest = lines.slice(at + 1);
  while (rest[0]?.trim() === "") rest.shift();
  const fence = /^(`{3,}|~{3,})/.exec(rest[0] ?? "")?.[1];
  if (fence !== undefined)
    return rest
      .slice(
        1,
        rest.findIndex((line, index) => index > 0 && line.startsWith(fence)),
      )
      .join("\n")
      .trim();
  const end = rest.findIndex((line) => !line.startsWith(">"));
  const quoted = end < 0 ? rest : rest.slice(0, end);
  const text = quoted
    .map((line) => line.replace(/^> ?/, ""))
    .join("\n")
    .trim();
  return text === "" ? (/question \d{3}:\s*(\S.*)$/.exec(lines[at])?.[1] ?? rest[0] ?? null) : text;
}

import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeWhole } from "./plan-file.mjs";

const SERVER = "src/server.js";
const HELLO = `  if (path === "/") return { status: 200, type: "text/plain", body: "Hello!\\n" };\n`;
const NOT_FOUND = `  return { status: 404, type: "text/plain", body: "Not found\\n" };\n`;

/** The steps of the demo's job: a path for the sample server, with a test and a word in the README. */
export function stepsFor({ folder, prompt }) {
  const path = wantedPath(prompt);
  const summary = `Write a summary to ${folder}/output.md`;
  if (!existsSync(SERVER))
    return ["Write the request down in WORKLOG.md", summary].map((text) => foreignStep({ folder, text }));
  const name = path.slice(1);
  return [
    { text: `Give \`${SERVER}\` a table of routes`, work: routeTable },
    {
      text: `Add \`${path}\` to the routes`,
      question: () => `What should ${path} return?\n\n${OPTIONS.map(({ text }) => `- ${text}`).join("\n")}`,
      context: ({ done, question }) => writeContext(folder, done, question),
      work: ({ answer }) => addRoute(path, reply(answer)),
    },
    { text: `Test \`${path}\` in \`test/${name}.test.js\``, work: () => addTest(path, name) },
    { text: `Describe \`${path}\` in \`README.md\``, work: () => describe(path) },
    { text: summary, work: ({ done }) => writeReport(folder, done, path) },
  ];
}

/** Somebody else's item: there is nothing to understand it with, so it is honestly written down; asked, where it is a question. */
export function foreignStep({ folder, text }) {
  return {
    text,
    question: () => (text.trim().endsWith("?") ? text.trim() : null),
    context: ({ done, question }) => writeContext(folder, done, question),
    work: ({ answer, done }) => {
      if (text.includes("output.md")) writeReport(folder, done, null);
      else
        appendFileSync("WORKLOG.md", answer === null ? `- ${text}\n` : `- ${text} ${answer.replaceAll("\n", " ")}\n`);
    },
  };
}

function wantedPath(prompt) {
  return (
    /(?:^|[\s`"'])(\/[a-z][a-z0-9-]*)[`"']? (?:endpoint|route|path)\b/im.exec(prompt)?.[1] ?? "/health"
  ).toLowerCase();
}

const OPTIONS = [
  { text: 'Status 200 and the text "ok"', type: "text/plain", status: 200, body: `"ok\\n"` },
  {
    text: "Status 200 and JSON with the status and the uptime",
    type: "application/json",
    status: 200,
    body: `JSON.stringify({ status: "ok", uptime: process.uptime() })`,
  },
  { text: "Status 204 without a body", type: "text/plain", status: 204, body: `""` },
];

/** What an answer means; an answer in words of its own becomes the text that is returned. */
function reply(answer) {
  const words = answer.trim().replace(/^(["'`])(.*)\1$/s, "$2");
  const [text, json, empty] = OPTIONS;
  const number = /^(?:option )?([1-3a-c])[.)]?$/i.exec(words)?.[1]?.toLowerCase();
  if (number !== undefined) return OPTIONS["123".includes(number) ? Number(number) - 1 : "abc".indexOf(number)];
  if (/json|uptime/i.test(words)) return json;
  if (/\b204\b|without a body|no body|empty/i.test(words)) return empty;
  if (/^ok$|text "?ok|plain/i.test(words)) return text;
  return { type: "text/plain", status: 200, body: JSON.stringify(`${words}\n`) };
}

function routeTable() {
  const source = readFileSync(SERVER, "utf8");
  if (source.includes("const routes = {")) return;
  if (!source.includes(HELLO) || !source.includes(NOT_FOUND))
    throw new Error(`${SERVER} has changed; its paths are not where they were.`);
  const table = `/** What each path answers. */\nexport const routes = {\n  "/": () => ({ status: 200, type: "text/plain", body: "Hello!\\n" }),\n};\n\n`;
  const lookUp = `  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;\n  if (route !== undefined) return route();\n`;
  const at = source.indexOf("/** The answer");
  writeFileSync(SERVER, (source.slice(0, at) + table + source.slice(at)).replace(HELLO, lookUp));
}

function addRoute(path, { status, type, body }) {
  const source = readFileSync(SERVER, "utf8");
  if (source.includes(`"${path}": `)) return;
  const start = source.indexOf("const routes = {");
  const end = source.indexOf("\n};", start);
  if (start < 0 || end < 0) throw new Error(`${SERVER} has no table of routes.`);
  const route = `\n  ${JSON.stringify(path)}: () => ({ status: ${status}, type: "${type}", body: ${body} }),`;
  writeFileSync(SERVER, source.slice(0, end) + route + source.slice(end));
}

function addTest(path, name) {
  const { status, type } = routeIn(path);
  mkdirSync("test", { recursive: true });
  writeFileSync(
    `test/${name}.test.js`,
    `import assert from "node:assert/strict";
import { test } from "node:test";
import { respond } from "../src/server.js";

test("${path} answers", () => {
  const { status, type } = respond("${path}");
  assert.equal(status, ${status});
  assert.equal(type, "${type}");
});
`,
  );
  const { status: code, stdout } = spawnSync(process.execPath, ["--test"], { encoding: "utf8" });
  console.log(stdout.trimEnd());
  if (code !== 0) throw new Error("The tests fail.");
}

function routeIn(path) {
  const line =
    readFileSync(SERVER, "utf8")
      .split("\n")
      .find((each) => each.includes(`${JSON.stringify(path)}: `)) ?? "";
  return { status: Number(/status: (\d+)/.exec(line)?.[1]), type: /type: "([^"]+)"/.exec(line)?.[1] };
}

function describe(path) {
  const { status, type } = routeIn(path);
  const heading = `## ${path}`;
  const readme = existsSync("README.md") ? readFileSync("README.md", "utf8") : "";
  if (readme.includes(heading)) return;
  const what = status === 204 ? "nothing but the status" : `\`${type}\``;
  appendFileSync(
    "README.md",
    `\n${heading}\n\n\`GET ${path}\` answers ${status} with ${what}, for load balancers and the like.\n`,
  );
}

function writeContext(folder, done, question) {
  const list = done.map((text) => `- ${text}`).join("\n") || "- nothing yet";
  writeWhole(
    `${folder}/context.md`,
    `# Where this stands\n\nDone:\n${list}\n\nThe next step waits for an answer:\n\n${question}\n`,
  );
}

function writeReport(folder, done, path) {
  const { status, type } = path === null ? {} : routeIn(path);
  const list = done.map((text) => `- ${text}`).join("\n");
  const first =
    path === null
      ? "Every item was written down in `WORKLOG.md`."
      : `\`GET ${path}\` now answers **${status}** (\`${type}\`), has a test, and stands in the README.`;
  writeWhole(`${folder}/output.md`, `${first}\n\n${list === "" ? "" : `What was done:\n${list}\n`}`);
}

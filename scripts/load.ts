import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type LoadReport, runLoad } from "../test/crash/load.ts";
import { backlogPlot } from "../test/crash/load-plot.ts";

// Many tasks at once, in simulated time and with GitHub's limits: `node scripts/load.ts --tasks 1000 --repositories 1,10,100
// [--hosting action] [--runners 60] [--plot docs/backlog.svg]`. Ends with 1 when a task was lost or done twice.

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "1000" },
    repositories: { type: "string", default: "1,10,100" },
    hosting: { type: "string", default: "server" },
    runners: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    plot: { type: "string" },
  },
});

const reports: LoadReport[] = [];
for (const repositories of values.repositories.split(",")) {
  reports.push(
    await runLoad({
      tasks: Number(values.tasks),
      repositories: Number(repositories),
      hosting: values.hosting === "action" ? "action" : "server",
      runners: Number(values.runners),
      seed: Number(values.seed),
      tell: (line) => console.error(`${repositories} repositories, ${line}`),
    }),
  );
}
console.log(table(reports));
if (values.plot !== undefined) writeFileSync(values.plot, backlogPlot(reports));
process.exitCode = reports.every(isWhole) ? 0 : 1;

function isWhole({ tasks, finished, doubled, workedTwice, overlaps, unheard }: LoadReport): boolean {
  return finished === tasks && doubled + workedTwice + overlaps + unheard === 0;
}

function table(all: readonly LoadReport[]): string {
  const rows: readonly (readonly [string, (report: LoadReport) => string | number])[] = [
    ["repositories", ({ repositories }) => repositories],
    ["tasks", ({ tasks }) => tasks],
    ["finished", ({ finished }) => finished],
    ["said twice", ({ doubled }) => doubled],
    ["deliveries unheard", ({ unheard }) => unheard],
    ["worked twice", ({ workedTwice, overlaps }) => workedTwice + overlaps],
    ["hours until all are done", ({ minutes }) => (minutes / 60).toFixed(1)],
    ["requests a task", ({ requestsPerTask }) => requestsPerTask.toFixed(1)],
    ["polls a task", ({ pollsPerTask }) => pollsPerTask.toFixed(1)],
    ["longest wait, minutes", ({ longestWait }) => longestWait.minutes.toFixed(1)],
    ["at once, most", ({ mostAtOnce }) => mostAtOnce],
    ["refused by a limit", ({ refused }) => Object.values(refused).reduce((sum, count) => sum + count, 0)],
  ];
  const lines = rows.map(([name, figure]) =>
    [name.padEnd(26), ...all.map((report) => String(figure(report)).padStart(10))].join(""),
  );
  const refusals = all.flatMap(({ repositories, refused }) =>
    Object.entries(refused).map(([what, count]) => `refused with ${repositories} repositories: ${count} × ${what}`),
  );
  return [...lines, ...refusals].join("\n");
}

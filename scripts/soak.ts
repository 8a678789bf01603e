import { parseArgs } from "node:util";
import { type SoakReport, soak } from "../test/reliability/soak.ts";

// Random people and random faults on the local GitHub: `npm run soak -- --minutes 20 --seed 7 [--json]`. Ends with 1 when anything was
// lost, done twice, or left behind.

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    seed: { type: "string", default: "7" },
    json: { type: "boolean", default: false },
  },
});

// Whoever breaks it off leaves no server behind.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const report = await soak({
  minutes: Number(values.minutes),
  seed: Number(values.seed),
  tell: (line) => console.error(line),
});
if (values.json) console.log(JSON.stringify(report, null, 2));
else console.log(table(report));
process.exitCode = report.violations.length === 0 ? 0 : 1;

function table({ seed, minutes, counts, faults, memory, nudges, violations }: SoakReport): string {
  const rows = (all: Readonly<Record<string, number>>) =>
    Object.entries(all).map(([name, count]) => `  ${name.padEnd(24)} ${String(count).padStart(6)}`);
  const flat =
    memory === null
      ? "  no server lived long enough to be measured"
      : `  held after a collection: first third ${memory.firstThirdMb} MB, last third ${memory.lastThirdMb} MB, most ${memory.mostMb} MB, in ${memory.seconds} s; resident at most ${memory.mostResidentMb} MB\n  every half minute: ${memory.traceMb.join(" ")}`;
  return [
    `Soak with seed ${seed}: ${minutes} minutes, ${violations.length} violations`,
    ...rows(counts),
    "Misfortunes",
    ...rows(faults),
    "Memory of the longest-lived server",
    flat,
    ...(nudges.length === 0 ? [] : ["Said once more", ...nudges.map((nudge) => `  ${nudge}`)]),
    ...violations.map((violation) => `VIOLATION (--seed ${seed}): ${violation}`),
  ].join("\n");
}

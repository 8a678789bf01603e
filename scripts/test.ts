import { spawnSync } from "node:child_process";
import process from "node:process";

// The gate asks for a report beside what people read.
const report = process.env["DISPATCH_TEST_REPORT"];
const reporters = report === undefined ? [] : ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const { status } = spawnSync("vitest", ["run", ...reporters, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;

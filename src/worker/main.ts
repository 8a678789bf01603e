import { setTimeout as sleep } from "node:timers/promises";
import { runHelper } from "./helper.ts";

process.exitCode = await runHelper(process.argv.slice(2), {
  environment: process.env,
  directory: process.cwd(),
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  now: () => Date.now(),
  sleep,
});

// Prints the closing line of the gate from Vitest's JSON report. A run that never got to its tests counts as one failure.
import { readFileSync } from "node:fs";

const [, , path] = process.argv;
let report = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [] };
try {
  report = JSON.parse(readFileSync(path, "utf8"));
} catch {
  // Formatting, types or lint have failed before: what npm printed above says which.
}
// A file that could not even be loaded has no tests to count.
const broken = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.length === 0,
).length;
const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : "";
console.log(`${report.numPassedTests} passed, ${report.numFailedTests + broken} failed${skipped}`);

/** GitHub's runner takes `::name::…` for a command where a line starts with it, and the older `##[name]…` wherever that stands. */
const AT_START = /^([\s\u0085]*):(?=:)/;
const ANYWHERE = /##(?=\[)/g;

/**
 * Text for a job's log, in which nothing is a command to the runner. File names and the words of workers and strangers get into the log, and
 * a command there could mask the log, or change what this step has noted for the next one.
 */
export function logText(text: string): string {
  if (!text.includes("::") && !text.includes("##[")) return text;
  const lines = text.split(/(\r\n|[\r\n\u0085\u2028\u2029])/);
  return lines.map((line) => line.replace(AT_START, "$1\u2236").replace(ANYWHERE, "# #")).join("");
}

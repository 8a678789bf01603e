/** A line of a step's output that speaks to the runner: `::error file=a.js::Missing semicolon`. */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly value: string;
}

export function readCommand(line: string): WorkflowCommand | null {
  const match = /^\s*::([A-Za-z][\w-]*)(?: ([^]*?))?::([^]*)$/.exec(line);
  if (match === null) return null;
  const [, name = "", properties = "", value = ""] = match;
  return { name: name.toLowerCase(), properties: readProperties(properties), value: unescape(value) };
}

function readProperties(text: string): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? [] : [[pair.slice(0, at).trim(), unescape(pair.slice(at + 1), true)] as const];
  });
  return Object.fromEntries(pairs);
}

function unescape(text: string, property = false): string {
  const plain = property ? text.replaceAll("%3A", ":").replaceAll("%2C", ",") : text;
  return plain.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

/**
 * Reads the file behind GITHUB_OUTPUT, GITHUB_ENV or GITHUB_STATE: `name=value` lines and `name<<MARK … MARK` blocks.
 * @throws Error in the runner's own words.
 */
export function readFileCommands(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values.set(line.slice(0, equals), line.slice(equals + 1));
      continue;
    }
    if (heredoc < 0) throw new Error(`Invalid format '${line}'`);
    const mark = line.slice(heredoc + 2);
    const end = lines.indexOf(mark, at + 1);
    if (mark === "" || end < 0) throw new Error(`Invalid value. Matching delimiter not found '${mark}'`);
    values.set(line.slice(0, heredoc), lines.slice(at + 1, end).join("\n"));
    at = end;
  }
  return values;
}

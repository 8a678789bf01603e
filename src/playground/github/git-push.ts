import { ZERO_OID } from "./git-objects.ts";
import type { Violation } from "./rules.ts";

/** What a push asks of one ref. */
export interface RefCommand {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Push {
  readonly commands: readonly RefCommand[];
  readonly capabilities: readonly string[];
}

/** Reads the commands at the start of a `git-receive-pack` request; the pack that follows is git's own business. */
export function readCommands(body: Buffer): Push {
  const commands: RefCommand[] = [];
  let capabilities: readonly string[] = [];
  for (let at = 0; at + 4 <= body.length; ) {
    const length = Number.parseInt(body.toString("latin1", at, at + 4), 16);
    if (!(length >= 4)) break;
    const [text = "", extra] = body
      .toString("utf8", at + 4, at + length)
      .replace(/\n$/, "")
      .split("\0");
    if (extra !== undefined) capabilities = extra.trim().split(" ");
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (\S+)$/.exec(text);
    if (match !== null) commands.push({ before: known(match[1]), after: known(match[2]), name: match[3] ?? "" });
    at += length;
  }
  return { commands, capabilities };
}

function known(oid: string | undefined): string | null {
  return oid === undefined || oid === ZERO_OID ? null : oid;
}

/** The reply that declines a whole push, in GitHub's words. */
export function refusal(
  told: readonly { readonly command: RefCommand; readonly violation: Violation | null }[],
  capabilities: readonly string[],
  page: string,
): Buffer {
  const words = told.flatMap(({ command, violation }) => {
    if (violation?.sentence == null) return [];
    return [
      `error: GH013: Repository rule violations found for ${command.name}.`,
      `Review all repository rules at ${page}/rules?ref=${encodeURIComponent(command.name)}`,
      "",
      `- ${violation.sentence.split("\n").join("\n  ")}`,
      "",
    ];
  });
  const report = Buffer.concat([
    packet("unpack ok\n"),
    ...told.map(({ command, violation }) =>
      packet(`ng ${command.name} ${violation?.reason ?? "atomic transaction failed"}\n`),
    ),
    Buffer.from("0000"),
  ]);
  if (!capabilities.some((capability) => capability.startsWith("side-band"))) return report;
  const remarks =
    words.length === 0
      ? Buffer.alloc(0)
      : packet(Buffer.concat([Buffer.from([2]), Buffer.from(`${words.join("\n")}\n`)]));
  return Buffer.concat([remarks, packet(Buffer.concat([Buffer.from([1]), report])), Buffer.from("0000")]);
}

function packet(content: string | Buffer): Buffer {
  const data = Buffer.from(content);
  return Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, "0")), data]);
}

import { type Document, isMap, isNode, parseDocument } from "yaml";
import { type Config, ConfigFile } from "./config.ts";

/** What somebody may do in a repository, in GitHub's words; "none" also where that could not be found out. */
export type Role = "none" | "read" | "triage" | "write" | "maintain" | "admin";

const RANK: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];

export interface Commander {
  readonly login: string;
  readonly isBot: boolean;
  readonly role: Role;
}

/** The part of the config that says whose words count. */
export type CommandPolicy = Pick<Config, "commanders" | "bots">;

const Policy = ConfigFile.pick({ commanders: true, bots: true });

/**
 * Who may command by a config that cannot be read as a whole: a fault elsewhere in it must neither silence everybody nor let anybody in
 * whom it keeps out.
 */
export function policyIn(text: string): CommandPolicy {
  const document = parseDocument(text, { prettyErrors: false });
  const { contents } = document;
  const said = isMap(contents) ? { commanders: plainAt(document, "commanders"), bots: plainAt(document, "bots") } : {};
  const read = Policy.safeParse(said);
  return read.success ? read.data : { commanders: "admin", bots: [] };
}

/** A key's value as plain data; undefined where there is none, which is as good as the key left out. */
function plainAt(document: Document, key: string): unknown {
  const value: unknown = document.get(key, true);
  return isNode(value) ? value.toJS(document, { maxAliasCount: 10 }) : undefined;
}

/** Whether somebody's words count as a command. Bots only by exact name; people always need write access, and whatever the config asks for beyond. */
export function mayCommand({ login, isBot, role }: Commander, { commanders, bots }: CommandPolicy): boolean {
  if (isBot) return bots.includes(login);
  if (!atLeast(role, "write")) return false;
  if (typeof commanders === "string") return atLeast(role, commanders);
  return commanders.some((name) => name.toLowerCase() === login.toLowerCase());
}

/** Enough to answer a question or to have one's own task worked on. */
export function mayWrite(role: Role): boolean {
  return atLeast(role, "write");
}

function atLeast(role: Role, wanted: Role): boolean {
  return RANK.indexOf(role) >= RANK.indexOf(wanted);
}

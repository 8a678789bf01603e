import { keyNames } from "../core/backend.ts";
import { maskSecrets } from "../core/mask-secrets.ts";
import type { ListedModel } from "../core/setup.ts";
import { parseAgentModels } from "../core/setup-models.ts";
import { visibleText } from "../core/visible-text.ts";
import { type BriefResult, briefEnvironment, runBriefly } from "./brief-command.ts";
import { secretsIn } from "./masking.ts";

export interface AgentModels {
  readonly models: readonly ListedModel[];
  /** Why there are none, in words; null where there are. */
  readonly unknown: string | null;
}

const LIMIT_MS = 20_000;

/** What Cursor's CLI offers to the account whose key it was given. Asks over the network. */
export async function agentModels(
  program: string,
  environment: Readonly<Record<string, string | undefined>>,
  { timeoutMs = LIMIT_MS }: { readonly timeoutMs?: number } = {},
): Promise<AgentModels> {
  const env = briefEnvironment(environment, keyNames("cursor").flat());
  const result = await runBriefly(program, ["models"], { env, timeoutMs });
  const models = result.kind === "ended" && result.code === 0 ? parseAgentModels(result.stdout) : [];
  if (models.length > 0) return { models, unknown: null };
  return { models, unknown: maskSecrets(reason(result, timeoutMs), secretsIn(environment)) };
}

function reason(result: BriefResult, timeoutMs: number): string {
  switch (result.kind) {
    case "timed-out":
      return `It gave no answer within ${Math.round(timeoutMs / 1000)} s.`;
    case "not-started":
      return `It could not be started: ${result.why}`;
    case "ended": {
      const said = firstLine(result.stderr) ?? firstLine(result.stdout);
      if (result.code === 0) return said === null ? "It printed nothing." : `It printed something else: ${said}`;
      return `It ended with code ${result.code ?? "none"}${said === null ? "." : `: ${said}`}`;
    }
  }
}

function firstLine(text: string): string | null {
  const line = visibleText(text.slice(0, 10_000))
    .split("\n")
    .find((each) => each.trim() !== "");
  return line === undefined ? null : line.trim().slice(0, 200);
}

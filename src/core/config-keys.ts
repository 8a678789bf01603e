import type { z } from "zod";
import { ConfigFile } from "./config-file.ts";

/** A key with one value, which a comment can set. */
export interface ConfigKey {
  readonly name: string;
  readonly kind: "switch" | "amount" | "time" | "choice" | "people" | "list";
  readonly schema: z.ZodType;
  /** What it takes, for people. */
  readonly expected: string;
}

const { shape } = ConfigFile;
const SWITCH = "`true` or `false`";
const TIME = "a time such as `10m` or `2h`";

export const CONFIG_KEYS: readonly ConfigKey[] = [
  { name: "confirm_default", kind: "switch", schema: shape.confirm_default, expected: SWITCH },
  { name: "answer_timeout", kind: "time", schema: shape.answer_timeout, expected: TIME },
  { name: "timeout", kind: "time", schema: shape.timeout, expected: TIME },
  {
    name: "budget_usd",
    kind: "amount",
    schema: shape.budget_usd,
    expected: "an amount in US dollars above 0, or `none`",
  },
  { name: "pull_request", kind: "choice", schema: shape.pull_request, expected: "`draft`, `ready` or `none`" },
  { name: "isolation", kind: "choice", schema: shape.isolation, expected: "`user` or `none`" },
  { name: "signoff", kind: "switch", schema: shape.signoff, expected: SWITCH },
  { name: "keep", kind: "amount", schema: shape.keep, expected: "a number of days above 0" },
  { name: "commanders", kind: "people", schema: shape.commanders, expected: "`write`, `maintain`, `admin`, or logins" },
  { name: "bots", kind: "list", schema: shape.bots, expected: "exact logins such as `renovate[bot]`" },
  { name: "forks", kind: "choice", schema: shape.forks, expected: "`refuse` or `read-only`" },
  { name: "env", kind: "list", schema: shape.env, expected: "names of environment variables" },
];

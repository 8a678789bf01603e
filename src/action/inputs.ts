import { getInput } from "@actions/core";
import { z } from "zod";
import { Problem } from "../core/problem.ts";

const optional = z.string().transform((text) => (text.trim() === "" ? null : text.trim()));
const optionalNumber = z
  .string()
  .trim()
  .regex(/^(#?[1-9]\d{0,9})?$/, "a number")
  .transform((text) => (text === "" ? null : Number(text.replace("#", ""))));

/** The Action's inputs. `action.yml` describes them for users. */
const Inputs = z.object({
  task: optional,
  attempt: optionalNumber,
  prompt: optional,
  model: optional.refine(
    (name) => name === null || /^[A-Za-z0-9][\w.:/@+-]{0,99}$/.test(name),
    "a model's or alias's name",
  ),
  issue: optionalNumber,
  settle: z.enum(["true", "false", ""], "`true` or `false`").transform((text) => text === "true"),
  "github-token": z.string().min(1, "a token; leave it out for the job's own"),
});
export type Inputs = z.infer<typeof Inputs>;

/**
 * Reads the inputs once.
 * @throws Problem "inputs-invalid" that names each input that is wrong
 */
export function readInputs(get: (name: string) => string = getInput): Inputs {
  const parsed = Inputs.safeParse(Object.fromEntries(Object.keys(Inputs.shape).map((name) => [name, get(name)])));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `\`${path.join(".")}\` must be ${message}`);
  throw new Problem(
    "inputs-invalid",
    `${faults.join("; ")}.`,
    "Correct the `with:` block of the step and run it again.",
  );
}

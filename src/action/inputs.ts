import { getInput } from "@actions/core";
import { z } from "zod";
import { Problem } from "../core/problem.ts";

const optional = z.string().transform((text) => (text.trim() === "" ? null : text.trim()));
const optionalNumber = z
  .string()
  .trim()
  .regex(/^(#?[1-9]\d{0,9})?$/, "a number")
  .transform((text) => (text === "" ? null : Number(text.replace("#", ""))));

/** What GitHub gives a job on its own runners. */
const HOSTED_LIMIT_MINUTES = 360;

/** The Action's inputs. `action.yml` describes them for users. */
const Fields = z.object({
  task: optional,
  attempt: optionalNumber,
  prompt: optional,
  model: optional.refine(
    (name) => name === null || /^[A-Za-z0-9][\w.:/@+-]{0,99}$/.test(name),
    "a model's or alias's name",
  ),
  issue: optionalNumber,
  "time-limit": z
    .string()
    .trim()
    .regex(/^(?:\d{1,5}(?:\.\d{1,4})?)?$/, "a number of minutes")
    .transform((text) => (text === "" ? HOSTED_LIMIT_MINUTES : Number(text)))
    .refine((minutes) => minutes > 0, "a number of minutes"),
  settle: z.enum(["true", "false", ""], "`true` or `false`").transform((text) => text === "true"),
  "github-token": z.string().min(1, "a token; leave it out for the job's own"),
  "app-id": optional.refine(
    (id) => id === null || /^(?:[1-9]\d{0,15}|Iv[\w.]{1,60})$/.test(id),
    "an App's id or client id",
  ),
  "private-key": optional
    .refine((key) => key === null || key.startsWith("-----BEGIN"), "the text of an App's `.pem` file")
    // Kept in one line, a key often has its line ends written as "\n".
    .transform((key) => key?.replaceAll("\\n", "\n") ?? null),
});

const Inputs = Fields.refine((inputs) => (inputs["app-id"] === null) === (inputs["private-key"] === null), {
  message: "given together with `app-id`",
  path: ["private-key"],
});
export type Inputs = z.infer<typeof Inputs>;

/**
 * Reads the inputs once.
 * @throws Problem "inputs-invalid" that names each input that is wrong
 */
export function readInputs(get: (name: string) => string = getInput): Inputs {
  const parsed = Inputs.safeParse(Object.fromEntries(Object.keys(Fields.shape).map((name) => [name, get(name)])));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `\`${path.join(".")}\` must be ${message}`);
  throw new Problem(
    "inputs-invalid",
    `${faults.join("; ")}.`,
    "Correct the `with:` block of the step and run it again.",
  );
}

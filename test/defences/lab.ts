import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { execa } from "execa";
import { z } from "zod";
import type { Tally } from "../crash/series.ts";
import type { Draw } from "./trials.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** What the checks need of this checkout. */
const COPIED = ["src", "test", "scripts", "docs", "action.yml", "package.json", "tsconfig.json", "vitest.config.ts"];

/** What must fail without a defence: a test by its file and name, or trials that it keeps from harm. */
export type Check = { readonly test: string; readonly name: string } | { readonly trials: Draw };

/** A place in the sources, and what stands there without the defence. */
export interface Removal {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** How a check went. `ran` 0: there was nothing to run, which proves nothing. */
interface Outcome {
  readonly ran: number;
  readonly harm: readonly string[];
}

/** @throws where the text stands there not at all, or more than once */
export async function withoutDefence({ file, from, to }: Removal, root: string = ROOT): Promise<string> {
  const text = await readFile(join(root, file), "utf8");
  const [before = "", after, ...others] = text.split(from);
  if (after === undefined || others.length > 0)
    throw new Error(`The defence has moved: ${file} has no single "${from}".`);
  return `${before}${to}${after}`;
}

/** A copy of this checkout in which defences are taken away. */
export class Lab {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(): Promise<Lab> {
    const directory = await mkdtemp(join(tmpdir(), "dispatch-lab-"));
    for (const name of COPIED) await cp(join(ROOT, name), join(directory, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
    return new Lab(directory);
  }

  close(): Promise<void> {
    return rm(this.#directory, { recursive: true, force: true });
  }

  /** Runs a check as everything stands. */
  check(check: Check): Promise<Outcome> {
    return "trials" in check ? this.#try(check.trials) : this.#test(check.test, check.name);
  }

  /** Runs a check without a defence, and puts that back. */
  async checkWithout(removal: Removal, check: Check): Promise<Outcome> {
    const path = join(this.#directory, removal.file);
    const whole = await readFile(path, "utf8");
    await writeFile(path, await withoutDefence(removal, this.#directory));
    try {
      return await this.check(check);
    } finally {
      await writeFile(path, whole);
    }
  }

  async #test(file: string, name: string): Promise<Outcome> {
    const report = join(this.#directory, "report.json");
    await rm(report, { force: true });
    const vitest = join(this.#directory, "node_modules/vitest/vitest.mjs");
    const options = ["--reporter=json", `--outputFile=${report}`, "--no-file-parallelism"];
    await this.#node([vitest, "run", file, "-t", literally(name), ...options]);
    const { numPassedTests, testResults } = Report.parse(JSON.parse(await readFile(report, "utf8")));
    const failed = testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
    );
    return { ran: numPassedTests + failed.length, harm: failed };
  }

  async #try(draw: Draw): Promise<Outcome> {
    const script = join(this.#directory, "test/defences/trials.ts");
    const { stdout, stderr } = await this.#node([
      "--disable-warning=ExperimentalWarning",
      script,
      JSON.stringify(draw),
    ]);
    if (stdout === "") throw new Error(`The trials broke off: ${stderr.slice(-2_000)}`);
    const { trials, harmed }: Pick<Tally, "trials" | "harmed"> = JSON.parse(stdout);
    return { ran: trials, harm: harmed };
  }

  /** A check is another program: it must not take itself for a part of this one. */
  #node(args: readonly string[]) {
    const { PATH = "", HOME = "", TMPDIR = tmpdir() } = process.env;
    return execa(process.execPath, args, {
      cwd: this.#directory,
      env: { PATH, HOME, TMPDIR, NO_COLOR: "1" },
      extendEnv: false,
      reject: false,
      timeout: 170_000,
    });
  }
}

const Report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })),
});

/** Vitest takes a name for a pattern, and parts it from its group's by a sign of its own. */
function literally(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "(?: | > )");
}

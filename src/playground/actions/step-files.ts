import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readFileCommands } from "./commands.ts";

/** The files through which a step's processes speak to the runner. Every step gets new ones. */
export class StepFiles {
  readonly #paths: Readonly<Record<FileName, string>>;

  private constructor(paths: Readonly<Record<FileName, string>>) {
    this.#paths = paths;
  }

  static async create(temp: string): Promise<StepFiles> {
    const folder = join(temp, "_runner_file_commands");
    const id = randomUUID();
    await mkdir(folder, { recursive: true });
    const at = (name: string) => join(folder, `${name}_${id}`);
    const paths = {
      GITHUB_OUTPUT: at("set_output"),
      GITHUB_ENV: at("set_env"),
      GITHUB_PATH: at("add_path"),
      GITHUB_STATE: at("save_state"),
      GITHUB_STEP_SUMMARY: at("step_summary"),
    };
    await Promise.all(Object.values(paths).map((path) => writeFile(path, "")));
    return new StepFiles(paths);
  }

  get variables(): Readonly<Record<string, string>> {
    return this.#paths;
  }

  async values(name: "GITHUB_OUTPUT" | "GITHUB_ENV" | "GITHUB_STATE"): Promise<ReadonlyMap<string, string>> {
    return readFileCommands(await this.#text(name));
  }

  async path(): Promise<readonly string[]> {
    return (await this.#text("GITHUB_PATH")).split(/\r?\n/).filter((line) => line !== "");
  }

  summary(): Promise<string> {
    return this.#text("GITHUB_STEP_SUMMARY");
  }

  #text(name: FileName): Promise<string> {
    return readFile(this.#paths[name], "utf8").catch(() => "");
  }
}

type FileName = "GITHUB_OUTPUT" | "GITHUB_ENV" | "GITHUB_PATH" | "GITHUB_STATE" | "GITHUB_STEP_SUMMARY";

import type { Task } from "../core/task.ts";
import { drawOverview } from "./overview.ts";
import type { RunPorts } from "./run-ports.ts";

type BoardPorts = Pick<RunPorts, "index" | "comments" | "clock" | "self" | "repository" | "log">;

/** Every task of the comment draws the same overview, so each draws it seldom. */
const PAUSE_MS = 4_000;

/** Keeps the overview that a task belongs to near the truth while its run works. Cosmetics: it holds up nothing. */
export class OverviewBoard {
  readonly #task: Task;
  readonly #ports: BoardPorts;
  #wanted = false;
  #drawing: Promise<void> | null = null;

  constructor(task: Task, ports: BoardPorts) {
    this.#task = task;
    this.#ports = ports;
  }

  draw(): void {
    if (this.#task.siblings < 2) return;
    this.#wanted = true;
    this.#drawing ??= this.#drawAll().finally(() => {
      this.#drawing = null;
    });
  }

  /** Resolves when nothing is being drawn any more. What is still wanted then is drawn by whoever says the ending. */
  async settled(): Promise<void> {
    this.#wanted = false;
    await this.#drawing;
  }

  async #drawAll(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      try {
        await drawOverview(this.#task, this.#ports, { urgency: "cosmetic" });
      } catch (error) {
        this.#ports.log.warning(`The overview could not be drawn: ${String(error)}`);
      }
      await this.#ports.clock.sleep(PAUSE_MS);
    }
  }
}

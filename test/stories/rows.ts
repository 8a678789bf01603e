import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { PlaygroundOptions } from "../../src/playground/playground.ts";
import { HOSTINGS, type Hosting, IN_FULL } from "./hostings.ts";
import { World } from "./world.ts";

/** One row of a table in the specification, told as a story in an issue of its own. */
export interface Row {
  readonly row: string;
  /** What the issue is called; only where the story needs it. */
  readonly title?: string;
  readonly tell: (world: World, thread: number) => Promise<void>;
}

const WORKERS = join(import.meta.dirname, "../fixtures/workers");

/** A config whose models stand for workers of every temper. A task that names none is asked about. */
export function manyTempers(more = ""): string {
  return `default: opus
isolation: none
backends:
  demo: { command: dispatch-demo-worker --pace-ms 40 }
  slow: { command: dispatch-demo-worker --pace-ms 1200 }
  failing: { command: meets-an-error }
  refused: { command: refused-by-provider }
  early: { command: ends-early }
  idle: { command: does-nothing }
  curious: { command: asks-twice }
  attentive: { command: reads-notes }
  absent: { command: no-such-cli --go }
models:
  opus: { backend: demo }
  sonnet: { backend: demo }
  haiku: { backend: demo }
  slow-1: { backend: slow }
  failing-1: { backend: failing }
  refused-1: { backend: refused }
  early-1: { backend: early }
  idle-1: { backend: idle }
  curious-1: { backend: curious }
  attentive-1: { backend: attentive }
  absent-1: { backend: absent }
aliases:
  reviewer: { model: sonnet, prompt: You are a careful reviewer. }
${more}`;
}

/**
 * Tells every row through both entrances, each entrance in one world. The quick gate tells each row once, through one entrance and the
 * other in turn; `npm run test:full` tells all of them.
 */
export function tellRows(what: string, rows: readonly Row[], options: Partial<PlaygroundOptions> = {}): void {
  const toldBy = (hosting: Hosting) => rows.filter((_, index) => IN_FULL || HOSTINGS[index % 2] === hosting);
  describe.each(HOSTINGS.filter((hosting) => toldBy(hosting).length > 0))(`${what} (%s)`, (hosting) => {
    let world: World;

    beforeAll(async () => {
      world = await World.start({ hosting, config: manyTempers(), toolPath: [WORKERS], ...options });
    });

    afterAll(async () => {
      await world[Symbol.asyncDispose]();
    });

    it.concurrent.each(toldBy(hosting).map((row) => [row.row, row] as const))(
      "%s",
      { timeout: 180_000 },
      async (_, { row, title, tell }) => {
        await tell(world, await world.openIssue(title ?? row));
      },
    );
  });
}

import { Problem } from "../core/problem.ts";
import { renderSetup, type Setup } from "../core/setup.ts";
import type { SetupProbe } from "./machine-ports.ts";
import type { Log, SetupRecords } from "./ports.ts";

/** Looks at the set-up and writes down what was found, for the next who wants to know. A record that is refused is a finding too. */
export async function checkSetUp({
  probe,
  records,
  log,
}: {
  readonly probe: SetupProbe;
  readonly records: SetupRecords;
  readonly log: Log;
}): Promise<Setup> {
  const found = await probe.look();
  // That the record can be read proves that it could be written.
  const proven: Setup = { ...found, permissions: { ...found.permissions, contents: "write" } };
  try {
    await records.write(renderSetup(proven));
    return proven;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.warning(`${error.message} ${error.nextStep}`);
    return { ...found, recordRefused: error.message };
  }
}

import { readConfig } from "../core/config.ts";
import type { ConfigChange } from "../core/config-change.ts";
import { editConfig } from "../core/config-edit.ts";
import { FIRST_TITLE, PROPOSAL_TITLE, proposalBody, proposalMessage } from "../core/config-proposal.ts";
import type { Proposed } from "../core/config-text.ts";
import { firstConfig } from "../core/first-config.ts";
import { Problem } from "../core/problem.ts";
import { readSetup } from "../core/setup.ts";
import { notableModels } from "../core/setup-availability.ts";
import type { Thread } from "../core/task.ts";
import type { ThreadPorts } from "./thread-ports.ts";

type ProposalPorts = Pick<ThreadPorts, "proposals" | "conversations">;

export interface Asking {
  /** The login of whoever asks. */
  readonly by: string;
  readonly thread: Thread | null;
}

/** Others propose at the same time; more than a few in a row would be something else. */
const MOST_TRIES = 5;

/**
 * Proposes changes of the config as a pull request, on top of what is proposed already.
 * @throws Problem where a change does not fit the config, or GitHub refuses the branch
 */
export function changeConfig(
  changes: readonly ConfigChange[],
  { by, thread }: Asking,
  ports: ProposalPorts,
): Promise<Proposed> {
  return again(async () => {
    const start = await startingPoint(ports);
    const { text, said } = editConfig(start.text, changes);
    if (text === start.own) return proposedAlready(text, said, { by, thread }, ports);
    // Nothing is proposed that would stop all work once it is merged.
    readConfig(text);
    const told = start.said === null ? said : [start.said, ...said];
    const proposed = await ports.proposals.propose({
      text,
      message: proposalMessage(said),
      title: PROPOSAL_TITLE,
      body: (present) => proposalBody(present, told, { by, thread: thread?.number ?? null }),
    });
    return { ...proposed, said: told };
  });
}

/** Nothing is left to change: in the file that counts, or in the one that is proposed and waits to be merged. */
async function proposedAlready(
  text: string,
  said: readonly string[],
  { by, thread }: Asking,
  { proposals, conversations }: ProposalPorts,
): Promise<Proposed> {
  const { config, configFrom } = await conversations.read(null);
  if (configFrom === "repository" && config === text) return { said, url: null, number: null };
  const proposed = await proposals.propose({
    text,
    message: proposalMessage(said),
    title: PROPOSAL_TITLE,
    body: (present) => present ?? proposalBody(null, said, { by, thread: thread?.number ?? null }),
  });
  return { ...proposed, said };
}

/** Proposes a whole file to a repository that has none. One that is proposed or merged already stays as it is. */
export function proposeConfig(
  text: string,
  { by, thread }: Asking,
  ports: Pick<ThreadPorts, "proposals">,
): Promise<Proposed> {
  const said = ["The first config: what was found on the runner, with the default that was chosen."];
  readConfig(text);
  return again(async () => {
    const present = await ports.proposals.read();
    if (present.text !== null) return { said: ["A config is there already, or proposed."], url: null, number: null };
    const proposed = await ports.proposals.propose({
      text,
      message: "Add the Dispatch config",
      title: FIRST_TITLE,
      body: (old) => proposalBody(old, said, { by, thread: thread?.number ?? null }),
    });
    return { ...proposed, said };
  });
}

interface Start {
  readonly text: string | null;
  /** The repository's own text; null for none. */
  readonly own: string | null;
  /** Why it starts from something else than the repository's own. */
  readonly said: string | null;
}

/** A first file of its own replaces whatever has counted so far, so it starts as that. */
async function startingPoint({ proposals, conversations }: ProposalPorts): Promise<Start> {
  const { text: own } = await proposals.read();
  if (own !== null) return { text: own, own, said: null };
  const { config, setup } = await conversations.read(null);
  if (config !== null) {
    return {
      text: config,
      own,
      said: "The file starts as a copy of the organisation's, which counts no more beside it.",
    };
  }
  const found = readSetup(setup);
  const [best] = found === null ? [] : notableModels(found);
  if (found === null || best === undefined) return { text: null, own, said: null };
  return { text: firstConfig(found, best.id), own, said: "The file starts with the models that doctor has found." };
}

/** Somebody else's proposal came in between: everything is read and decided again. */
async function again(propose: () => Promise<Proposed>): Promise<Proposed> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await propose();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "config-proposal-stale" || tries === MOST_TRIES) throw error;
    }
  }
}

import { readFileSync } from "node:fs";
import { z } from "zod";
import type { RepositoryName } from "../core/links.ts";
import { runUrl } from "../core/links.ts";
import type { Person, Run } from "../core/task.ts";

const Variables = z.object({
  GITHUB_REPOSITORY: z.string().regex(/^[^/]+\/[^/]+$/),
  GITHUB_SERVER_URL: z.string().default("https://github.com"),
  GITHUB_EVENT_NAME: z.string(),
  GITHUB_EVENT_PATH: z.string(),
  GITHUB_RUN_ID: z.coerce.number(),
  GITHUB_RUN_ATTEMPT: z.coerce.number().default(1),
  GITHUB_ACTOR: z.string(),
  GITHUB_ACTOR_ID: z.coerce.number().default(0),
  GITHUB_WORKSPACE: z.string(),
  RUNNER_TEMP: z.string(),
});

/** The job that the Action is a step of, as its runner describes it. */
export interface Job {
  readonly repository: RepositoryName;
  readonly eventName: string;
  readonly event: unknown;
  readonly run: Run;
  readonly actor: Person;
  /** The bot that asked for this very run: the App, when a server did. One that has only said something is none of ours. */
  readonly bot: string | null;
  readonly workspace: string;
  readonly temp: string;
}

const Sender = z.object({ sender: z.object({ login: z.string(), type: z.string() }) });

/** Reads the runner's variables and event file, once. */
export function readJob(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Job {
  const values = Variables.parse(variables);
  const [owner = "", repo = ""] = values.GITHUB_REPOSITORY.split("/");
  const repository = { server: values.GITHUB_SERVER_URL, owner, repo };
  const event: unknown = JSON.parse(readFile(values.GITHUB_EVENT_PATH));
  const sender = Sender.safeParse(event).data?.sender;
  return {
    repository,
    eventName: values.GITHUB_EVENT_NAME,
    event,
    run: {
      id: values.GITHUB_RUN_ID,
      tryNumber: values.GITHUB_RUN_ATTEMPT,
      url: runUrl(repository, values.GITHUB_RUN_ID),
    },
    actor: { login: values.GITHUB_ACTOR, id: values.GITHUB_ACTOR_ID },
    bot: values.GITHUB_EVENT_NAME === "workflow_dispatch" && sender?.type === "Bot" ? sender.login : null,
    workspace: values.GITHUB_WORKSPACE,
    temp: values.RUNNER_TEMP,
  };
}

import { backendKind, firstWord } from "./backend.ts";
import type { Backend, Config } from "./config.ts";
import type { Finding } from "./doctor-finding.ts";
import { repositoryFindings } from "./doctor-repository.ts";
import { templateFindings } from "./doctor-templates.ts";
import { Problem } from "./problem.ts";
import { plainLine } from "./safe-text.ts";
import { type Cli, cliOf, type Setup } from "./setup.ts";
import { canRun, namesOf } from "./setup-availability.ts";
import { CLI_KINDS, type CliKind, howToAddKey, howToInstall, KNOWN_CLIS, usualKey } from "./setup-clis.ts";
import { isHandedOver } from "./setup-summary.ts";

/** All that can be said of a set-up, in the order in which a run needs it. */
export function findings(setup: Setup, config: Config | Problem): readonly Finding[] {
  return [
    ...(config instanceof Problem ? brokenConfig(config, setup) : workingConfig(config, setup)),
    ...repositoryFindings(setup),
  ];
}

/** Without a config nobody knows what will be used: whatever is there is shown. */
function brokenConfig({ message, nextStep }: Problem, setup: Setup): readonly Finding[] {
  const config: Finding = {
    level: "fix",
    what: "Config",
    found: plainLine(message, 1_000),
    todo: plainLine(nextStep, 500),
  };
  // Any one is enough, so Claude Code, which the ready-made workflow installs, stands for all where there is none.
  const kinds = setup.clis.length === 0 ? (["claude"] as const) : setup.clis.map(({ kind }) => kind);
  return [config, ...kinds.map((kind) => cliFinding(KNOWN_CLIS[kind].title, kind, setup))];
}

function workingConfig(config: Config, setup: Setup): readonly Finding[] {
  const used = Object.entries(config.backends).filter(([name]) =>
    Object.values(config.models).some(({ backend }) => backend === name),
  );
  return [
    configFinding(config, setup),
    ...used.flatMap(([name, backend]) => backendFindings(name, backend, setup)),
    ...unusedFindings(used, setup),
    ...listingFindings(config, setup),
  ];
}

function configFinding({ default: name, models, aliases }: Config, { config }: Setup): Finding {
  const count = Object.keys(models).length + Object.keys(aliases).length;
  const where = { repository: "`.github/dispatch.yml`", organisation: "the organisation's", none: "no file yet" }[
    config.from
  ];
  return {
    level: "ok",
    what: "Config",
    found: `${where}; default \`${name}\`, ${count} ${count === 1 ? "model" : "models and aliases"}`,
  };
}

function backendFindings(name: string, backend: Backend, setup: Setup): readonly Finding[] {
  const kind = backendKind(name, backend);
  const title = kind === "generic" ? `Backend \`${name}\`` : KNOWN_CLIS[kind].title;
  const program = kind === "generic" ? programFinding(title, backend, setup) : cliFinding(title, kind, setup);
  return [...(program === null ? [] : [program]), ...templateFindings(name, backend, setup)];
}

/** Null where only a shell could find out. */
function programFinding(what: string, { command }: Backend, setup: Setup): Finding | null {
  const program = setup.programs.find(({ name }) => name === firstWord(command));
  if (program === undefined) return null;
  if (program.found) return { level: "ok", what, found: `\`${program.name}\` is on the runner` };
  return {
    level: "fix",
    what,
    found: `\`${program.name}\` is not on the runner`,
    todo: `Install \`${program.name}\` in a step before Dispatch's in \`.github/workflows/dispatch.yml\`, or correct the command in \`.github/dispatch.yml\`.`,
  };
}

function cliFinding(what: string, kind: CliKind, setup: Setup): Finding {
  const cli = cliOf(setup, kind);
  if (cli === null) return { level: "fix", what, found: "not on the runner", todo: howToInstall(KNOWN_CLIS[kind]) };
  const version = cli.version ?? "version unknown";
  switch (cli.access.kind) {
    case "key":
      return { level: "ok", what, found: `${version}, with \`${cli.access.name}\`` };
    case "login":
      return { level: "ok", what, found: `${version}, with the machine's login` };
    case "none": {
      const key = usualKey(kind);
      return { level: "fix", what, found: `${version}, no key`, todo: howToAddKey(key, isHandedOver(setup, key)) };
    }
  }
}

/** CLIs that work and that the config makes no use of. */
function unusedFindings(used: readonly (readonly [string, Backend])[], setup: Setup): readonly Finding[] {
  const kinds = new Set(used.map(([name, backend]) => backendKind(name, backend)));
  return CLI_KINDS.filter((kind) => !kinds.has(kind) && canRun(setup, kind) === "yes").map((kind) => ({
    level: "ok",
    what: KNOWN_CLIS[kind].title,
    found: "works, and the config does not use it yet",
  }));
}

/** Models of the config that Cursor does not list. */
function listingFindings({ models, backends }: Config, setup: Setup): readonly Finding[] {
  const cursor = cliOf(setup, "cursor");
  const own = Object.entries(models).filter(([, { backend }]) => {
    const template = Object.hasOwn(backends, backend) ? backends[backend] : undefined;
    return template !== undefined && backendKind(backend, template) === "cursor";
  });
  if (cursor === null || own.length === 0 || cursor.access.kind === "none") return [];
  if (cursor.models.length === 0) return cursor.modelsUnknown === null ? [] : [noListing(cursor)];
  const listed = new Set(cursor.models.map(({ id }) => id.toLowerCase()));
  const missing = own.map(([name]) => name).filter((name) => !listed.has(name.toLowerCase()));
  if (missing.length === 0) return [{ level: "ok", what: "Cursor's models", found: `all ${own.length} are listed` }];
  return [
    {
      level: "fix",
      what: "Cursor's models",
      found: `not available: ${missing.map((name) => `\`${name}\``).join(", ")}`,
      todo: `Take them out with \`/dispatch config remove <name>\`. Available: ${namesOf(setup).slice(0, 10).join(", ")}.`,
    },
  ];
}

function noListing({ modelsUnknown }: Cli): Finding {
  return {
    level: "warning",
    what: "Cursor's models",
    found: `\`agent models\` lists none: ${plainLine(modelsUnknown ?? "", 300)}`,
    todo: "Check that `CURSOR_API_KEY` is a key that works (Cursor's dashboard → Integrations).",
  };
}

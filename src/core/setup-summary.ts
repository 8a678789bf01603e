import { plainLine } from "./safe-text.ts";
import { type Cli, cliOf, type Setup } from "./setup.ts";
import { canRun, listedModels, namesAmong } from "./setup-availability.ts";
import { CLI_KINDS, howToAddKey, KNOWN_CLIS, usualKey } from "./setup-clis.ts";
import { WORKFLOW_PATH } from "./setup-workflow.ts";

/** What was found on the runner and what is missing, in a few lines, for people who are about to choose a model. */
export function renderSetupSummary(setup: Setup): string {
  const able = CLI_KINDS.filter((kind) => canRun(setup, kind) === "yes");
  if (able.length === 0) return nothingWorks(setup);
  const found = setup.clis.map((cli) => `- ${cliLine(cli, setup)}`);
  const missing = CLI_KINDS.filter((kind) => cliOf(setup, kind) === null).map((kind) => KNOWN_CLIS[kind].title);
  const rest = missing.length === 0 ? [] : [`Not on the runner: ${missing.join(", ")}.`];
  return [["I have looked at the runner and found:", "", ...found].join("\n"), ...rest].join("\n\n");
}

function cliLine(cli: Cli, setup: Setup): string {
  const title = `**${KNOWN_CLIS[cli.kind].title}**${cli.version === null ? "" : ` ${cli.version}`}`;
  if (cli.access.kind === "none") {
    const name = usualKey(cli.kind);
    return `⚠️ ${title}, but it has no key. ${howToAddKey(name, isHandedOver(setup, name))}`;
  }
  if (cli.modelsUnknown !== null) return `⚠️ ${title}, but it lists no models: ${plainLine(cli.modelsUnknown, 300)}`;
  return `✅ ${title}: ${modelCount(cli, setup)}`;
}

/** Three are named, of three makers where it has them; the rest is a number. */
function modelCount({ kind, models }: Cli, setup: Setup): string {
  const own = listedModels(setup).filter(
    ({ id, backend }) => backend === kind && models.some((model) => model.id === id),
  );
  const named = namesAmong(own.length > 0 ? own : models).slice(0, 3);
  const more = models.length - named.length;
  return `${named.map((id) => `\`${id}\``).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Whether the workflow hands a variable of this name to the step that works; null where the workflow cannot be seen. */
export function isHandedOver({ workflow }: Setup, name: string): boolean | null {
  return workflow.kind === "read" ? workflow.handsOver.includes(name) : null;
}

/** What to add, in lines to copy. The CLI that is there already is asked for its key only. */
function nothingWorks(setup: Setup): string {
  const [cli] = setup.clis;
  const kind = cli?.kind ?? "claude";
  const { title, install } = KNOWN_CLIS[kind];
  const key = usualKey(kind);
  const isHanded = isHandedOver(setup, key) === true;
  const start =
    cli === undefined
      ? "There is no coding agent on the runner that I know, so no work can be done yet."
      : `${title} is on the runner, but it has no key, so no work can be done yet.`;
  const place = `the job \`work\` of \`${WORKFLOW_PATH}\``;
  const step = [`Add this step to ${place}, before Dispatch's:`, fenced("yaml", [`      - run: ${install}`])];
  const env = [
    `Add this to Dispatch's step in ${place}:`,
    fenced("yaml", ["        env:", `          ${key}: \${{ secrets.${key} }}`]),
  ];
  const others = CLI_KINDS.filter((other) => other !== kind).map(
    (other) => `${KNOWN_CLIS[other].title} (\`${usualKey(other)}\`)`,
  );
  return [
    start,
    "Add the secret, like this or under Settings → Secrets and variables → Actions:",
    fenced("sh", [`gh secret set ${key}`]),
    ...(cli === undefined ? step : []),
    ...(isHanded ? [] : env),
    `Instead of ${title}, ${others.join(" or ")} will do as well. \`/dispatch doctor\` then says whether all is well.`,
  ].join("\n\n");
}

function fenced(language: string, lines: readonly string[]): string {
  return ["```" + language, ...lines, "```"].join("\n");
}

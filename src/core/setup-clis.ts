import { keyNames } from "./backend.ts";

export type CliKind = "claude" | "codex" | "cursor";

/** A coding agent that we know by name. */
export interface KnownCli {
  readonly title: string;
  /** What it is called on PATH. */
  readonly program: string;
  /** A line for a shell, and for a step of the workflow. */
  readonly install: string;
  /** Where the CLI keeps a login, below HOME. On a machine of one's own that is enough. */
  readonly login: string;
  /** Whose models it is mostly for. */
  readonly maker: string;
}

/** The one list of them: doctor, the preflight of every run, and what people are told to install. */
export const KNOWN_CLIS: Readonly<Record<CliKind, KnownCli>> = {
  claude: {
    title: "Claude Code",
    program: "claude",
    install: "npm install --global @anthropic-ai/claude-code",
    login: ".claude/.credentials.json",
    maker: "Anthropic",
  },
  codex: {
    title: "Codex",
    program: "codex",
    install: "npm install --global @openai/codex",
    login: ".codex/auth.json",
    maker: "OpenAI",
  },
  cursor: {
    title: "Cursor's CLI",
    // Its installer also makes `cursor-agent`, which is the name of somebody else's package on npm too.
    program: "agent",
    install: 'curl https://cursor.com/install -fsS | bash && echo "$HOME/.local/bin" >> "$GITHUB_PATH"',
    login: ".config/cursor/auth.json",
    maker: "several makers",
  },
};

export const CLI_KINDS: readonly CliKind[] = ["claude", "codex", "cursor"];

/** The secret that most people give this CLI. */
export function usualKey(kind: CliKind): string {
  return keyNames(kind)[0]?.[0] ?? "";
}

/** What to do where a CLI is not on the runner. */
export function howToInstall({ install }: Pick<KnownCli, "install">): string {
  return `In the job \`work\` of \`.github/workflows/dispatch.yml\`, add this step before Dispatch's: \`- run: ${install}\`.`;
}

/**
 * What to do where a CLI has no key.
 * @param handedOver whether the workflow hands a secret of this name to Dispatch's step already; null where that is not known
 */
export function howToAddKey(name: string, handedOver: boolean | null): string {
  const secret = `Add the repository secret \`${name}\` (Settings → Secrets and variables → Actions, or \`gh secret set ${name}\`)`;
  if (handedOver === true) return `${secret}; the workflow hands it over already.`;
  return `${secret}, and hand it to Dispatch's step in \`.github/workflows/dispatch.yml\`: \`env: { ${name}: "\${{ secrets.${name} }}" }\`.`;
}

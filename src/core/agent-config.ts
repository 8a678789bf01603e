/** Folders whose files agents and their tools obey, wherever they lie. */
const FOLDERS: ReadonlySet<string> = new Set([
  ".agents",
  ".claude",
  ".codex",
  ".copilot",
  ".cursor",
  ".gemini",
  ".husky",
  ".opencode",
]);

/** Instructions, servers to start, packages and their scripts, and keys and addresses that some agents read by themselves. */
const FILES: ReadonlySet<string> = new Set([
  ".bunfig.toml",
  ".cursorrules",
  ".env",
  ".env.local",
  ".gitmodules",
  ".mcp.json",
  ".npmrc",
  ".pnpmfile.cjs",
  ".yarnrc",
  ".yarnrc.yml",
  "agent.md",
  "agents.md",
  "agents.override.md",
  "bunfig.toml",
  "claude.local.md",
  "claude.md",
  "copilot-instructions.md",
  "gemini.md",
  "opencode.json",
  "opencode.jsonc",
]);

/**
 * Whether a file tells an agent, or a tool that agents start, what to do. Some file systems take `Claude.md` for `CLAUDE.md`.
 * @param path in the repository, with slashes
 */
export function isAgentConfig(path: string): boolean {
  const parts = path.toLowerCase().split("/");
  return FILES.has(parts.at(-1) ?? "") || parts.some((part) => FOLDERS.has(part));
}

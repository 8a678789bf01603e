import { html, nothing, type TemplateResult } from "lit-html";

interface Account {
  readonly login: string;
  readonly type?: string;
}

/** Initials on a colour that belongs to the login: no picture has to be fetched. Bots are square, as on GitHub. */
export function avatar(account: Account | null | undefined, size: "small" | "large" = "large"): TemplateResult {
  const login = account?.login ?? "ghost";
  const square = isBot(account) ? "square" : "";
  return html`<span class="avatar avatar-${size} hue-${hue(login)} ${square}" aria-hidden="true">${initials(login)}</span>`;
}

export function author(account: Account | null | undefined): TemplateResult {
  const login = (account?.login ?? "ghost").replace(/\[bot\]$/, "");
  return html`<strong class="author">${login}</strong>${isBot(account) ? html`<span class="badge">Bot</span>` : nothing}`;
}

function isBot(account: Account | null | undefined): boolean {
  return account?.type === "Bot" || account?.login.endsWith("[bot]") === true;
}

function initials(login: string): string {
  const [first = "?", second] = login.replace(/\[bot\]$/, "").split(/[-_]/);
  return (second === undefined ? first.slice(0, 2) : `${first[0] ?? ""}${second[0] ?? ""}`).toUpperCase();
}

function hue(login: string): number {
  return Array.from(login).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7) % 12;
}

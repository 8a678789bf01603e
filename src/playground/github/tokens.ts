import { randomBytes } from "node:crypto";
import type { Account } from "./accounts.ts";
import type { Repository } from "./repository.ts";

export type TokenKind = "user" | "installation" | "job";

/** `{ contents: "write", issues: "read", … }`, in GitHub's own names. */
export type Permissions = Readonly<Record<string, "read" | "write" | "admin">>;

/** What a token stands for. Without `permissions` it may do whatever its account may. */
export interface TokenInfo {
  readonly account: Account;
  readonly kind: TokenKind;
  /** A token of this repository alone: a job's always is. */
  readonly repository?: Repository;
  readonly permissions?: Permissions;
  readonly expiresAt?: Date;
  /** The App whose installation it is. */
  readonly appId?: number;
}

/** Who makes a request. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "app"; readonly appId: number }
  | { readonly kind: "token"; readonly token: string; readonly info: TokenInfo };

const PREFIX = { user: "ghp_", installation: "ghs_", job: "ghs_" } as const;

export class Tokens {
  readonly #infos = new Map<string, TokenInfo>();
  readonly #ofLogin = new Map<string, string>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  issue(info: TokenInfo): string {
    const token = PREFIX[info.kind] + randomBytes(24).toString("base64url").replaceAll(/[-_]/g, "0");
    this.#infos.set(token, info);
    return token;
  }

  revoke(token: string): void {
    this.#infos.delete(token);
  }

  /** The account's personal token, the same every time. */
  of(account: Account): string {
    const known = this.#ofLogin.get(account.login);
    if (known !== undefined && this.#infos.has(known)) return known;
    const token = this.issue({ account, kind: "user" });
    this.#ofLogin.set(account.login, token);
    return token;
  }

  find(token: string): TokenInfo | undefined {
    const info = this.#infos.get(token);
    if (info?.expiresAt !== undefined && info.expiresAt <= this.#now()) return undefined;
    return info;
  }
}

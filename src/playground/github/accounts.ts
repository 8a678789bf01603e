export type AccountType = "User" | "Bot" | "Organization";

/** Somebody on the local GitHub: a person, a bot (login ends in `[bot]`) or an organisation. */
export interface Account {
  readonly id: number;
  readonly nodeId: string;
  readonly login: string;
  readonly type: AccountType;
  readonly name: string;
}

export class Accounts {
  readonly #byLogin = new Map<string, Account>();
  #next = 1001;

  /** The account of this login; made when it is new. */
  add(login: string, { type = "User" }: { type?: AccountType } = {}): Account {
    const known = this.find(login);
    if (known !== undefined) return known;
    const id = this.#next++;
    const account = { id, nodeId: `U_${id}`, login, type, name: login };
    this.#byLogin.set(login.toLowerCase(), account);
    return account;
  }

  find(login: string): Account | undefined {
    return this.#byLogin.get(login.toLowerCase());
  }

  byId(id: number): Account | undefined {
    return this.all().find((account) => account.id === id);
  }

  all(): readonly Account[] {
    return [...this.#byLogin.values()];
  }
}

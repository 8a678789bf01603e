import type { Account } from "./accounts.ts";
import type { Signer } from "./git-objects.ts";

/** An account as it signs the commits that GitHub makes for it. */
export function signer(account: Account, date: string): Signer {
  return { name: account.name, email: `${account.id}+${account.login}@users.noreply.github.com`, date };
}

/** GitHub itself, which commits what is made through its API. */
export function botSigner(date: string): Signer {
  return { name: "GitHub", email: "noreply@github.com", date };
}

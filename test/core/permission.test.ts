import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/core/config.ts";
import { type CommandPolicy, mayCommand, mayWrite, policyIn, type Role } from "../../src/core/permission.ts";

const ROLES: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];

const person = (role: Role, login = "mona") => ({ login, isBot: false, role });
const bot = (login: string, role: Role = "none") => ({ login, isBot: true, role });
const commandedBy = (commanders: CommandPolicy["commanders"], bots: readonly string[] = []): CommandPolicy => ({
  commanders,
  bots: [...bots],
});

describe("who may command", () => {
  it.each<{ policy: CommandPolicy; roles: readonly Role[] }>([
    // What counts where the config says nothing.
    { policy: readConfig(null), roles: ["write", "maintain", "admin"] },
    { policy: commandedBy("write"), roles: ["write", "maintain", "admin"] },
    { policy: commandedBy("maintain"), roles: ["maintain", "admin"] },
    { policy: commandedBy("admin"), roles: ["admin"] },
    // Who is on the list still needs write access.
    { policy: commandedBy(["mona"]), roles: ["write", "maintain", "admin"] },
    { policy: commandedBy(["Mona", "hubot"]), roles: ["write", "maintain", "admin"] },
    { policy: commandedBy(["hubot"]), roles: [] },
    { policy: commandedBy([]), roles: [] },
    { policy: commandedBy(["mona-lisa", "mon", "mona[bot]"]), roles: [] },
    // Being a listed bot's namesake helps no person.
    { policy: commandedBy("admin", ["mona"]), roles: ["admin"] },
  ])("with $policy.commanders: mona as $roles", ({ policy, roles }) => {
    expect(ROLES.filter((role) => mayCommand(person(role), policy))).toEqual(roles);
  });

  it.each([
    { login: "renovate[bot]", bots: ["renovate[bot]"], may: true },
    { login: "renovate[bot]", bots: [], may: false },
    { login: "renovate[bot]", bots: ["renovate"], may: false },
    { login: "renovate", bots: ["renovate[bot]"], may: false },
    { login: "Renovate[bot]", bots: ["renovate[bot]"], may: false },
    { login: "renovate[bot]x", bots: ["renovate[bot]"], may: false },
    { login: "renovаte[bot]", bots: ["renovate[bot]"], may: false },
    { login: "dependabot[bot]", bots: ["renovate[bot]", "dependabot[bot]"], may: true },
  ])("the bot $login where $bots are allowed: $may", ({ login, bots, may }) => {
    expect(mayCommand(bot(login), commandedBy("write", bots))).toBe(may);
  });

  it("a bot's role and the list of people count nothing: it is allowed by name or not at all", () => {
    expect(mayCommand(bot("renovate[bot]", "admin"), commandedBy("write"))).toBe(false);
    expect(mayCommand(bot("renovate[bot]", "admin"), commandedBy(["renovate[bot]"]))).toBe(false);
    expect(mayCommand(bot("renovate[bot]"), commandedBy("admin", ["renovate[bot]"]))).toBe(true);
  });
});

it.each(ROLES.map((role) => ({ role, may: ["write", "maintain", "admin"].includes(role) })))(
  "whoever has the role $role may write: $may",
  ({ role, may }) => {
    expect(mayWrite(role)).toBe(may);
  },
);

describe("a config that cannot be read as a whole", () => {
  const NOBODY_NEW: CommandPolicy = { commanders: "admin", bots: [] };

  it.each<{ what: string; text: string; policy: CommandPolicy }>([
    { what: "says nothing of it", text: "default: 7\n", policy: { commanders: "write", bots: [] } },
    {
      what: "says who may",
      text: "default: 7\ncommanders: maintain\nbots: ['renovate[bot]']\n",
      policy: { commanders: "maintain", bots: ["renovate[bot]"] },
    },
    { what: "lists who may", text: "models: no\ncommanders: [mona]\n", policy: { commanders: ["mona"], bots: [] } },
    { what: "says it wrongly", text: "commanders: 7\n", policy: NOBODY_NEW },
    { what: "says half of it wrongly", text: "commanders: write\nbots: 7\n", policy: NOBODY_NEW },
    { what: "says it in a word that is none", text: "commanders: everybody\n", policy: NOBODY_NEW },
    { what: "is no mapping", text: "- a\n", policy: { commanders: "write", bots: [] } },
    { what: "is broken below it", text: "commanders: admin\nmodels: [\n", policy: NOBODY_NEW },
    { what: "is nothing", text: "", policy: { commanders: "write", bots: [] } },
  ])("and $what", ({ text, policy }) => {
    expect(policyIn(text)).toEqual(policy);
  });

  it("lets in nobody whom it keeps out, and does not throw, whatever stands beside it", () => {
    const noise = fc.constantFrom(
      "default: 7",
      "models: [",
      "aliases: { a: b }",
      "x: &a [*a]",
      "'",
      "---",
      "bots: [a]",
      "# c",
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 5 }), fc.array(noise, { maxLength: 5 }), (before, after) => {
        policyIn([...before, ...after].join("\n"));
        const policy = policyIn(["commanders: admin", ...after].join("\n"));
        expect(mayCommand(person("write"), policy)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

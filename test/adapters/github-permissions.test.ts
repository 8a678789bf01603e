import { describe, expect, it } from "vitest";
import { githubPermissions } from "../../src/adapters/github-permissions.ts";
import { api, repo, testAccess, testClock, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

describe("permissions", () => {
  const may = () => githubPermissions(testAccess()).mayWrite("mona");
  const asked = () => api().get(`${repo}/collaborators/mona/permission`);

  it.each([
    { permission: "admin", role_name: "admin", yes: true },
    { permission: "write", role_name: "write", yes: true },
    { permission: "write", role_name: "maintain", yes: true },
    { permission: "write", role_name: "release-crew", yes: true },
    { permission: "read", role_name: "triage", yes: false },
    { permission: "read", role_name: "read", yes: false },
    { permission: "none", role_name: "none", yes: false },
    { permission: "owner", role_name: "admin", yes: false },
    { permission: undefined, role_name: "admin", yes: false },
  ])("$permission ($role_name) may write: $yes", async ({ permission, role_name, yes }) => {
    asked().reply(200, { permission, role_name, user: { login: "mona" } });
    expect(await may()).toBe(yes);
  });

  it.each([401, 403, 404, 410])("are a no after a %i", async (status) => {
    asked().reply(status, { message: "No" });
    expect(await may()).toBe(false);
  });

  it("are a no when GitHub cannot be reached at all", async () => {
    // Two tries, 400 and 800 ms apart, fit into a second.
    asked().times(2).reply(503);
    const impatient = githubPermissions({ ...testAccess(), deadlineMs: 1_000 });
    expect(await impatient.mayWrite("mona")).toBe(false);
  });

  it.each(["", "mona/../../x", "..", "a b"])("are a no for %j, without asking", async (login) => {
    const clock = testClock();
    expect(await githubPermissions(testAccess(clock)).mayWrite(login)).toBe(false);
    expect(clock.slept).toEqual([]);
  });
});

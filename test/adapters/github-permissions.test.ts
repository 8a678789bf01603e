import { describe, expect, it } from "vitest";
import { githubPermissions } from "../../src/adapters/github-permissions.ts";
import { api, repo, testAccess, testClock, withoutNetwork } from "./github-nock.ts";

withoutNetwork();

describe("somebody's role", () => {
  const role = () => githubPermissions(testAccess()).roleOf("mona");
  const asked = () => api().get(`${repo}/collaborators/mona/permission`);

  it.each([
    { permission: "admin", role_name: "admin", is: "admin" },
    { permission: "write", role_name: "write", is: "write" },
    { permission: "write", role_name: "maintain", is: "maintain" },
    // A role of an organisation's own counts as what it is built on, whatever it is called.
    { permission: "write", role_name: "release-crew", is: "write" },
    { permission: "write", role_name: "admin", is: "write" },
    { permission: "write", role_name: undefined, is: "write" },
    { permission: "admin", role_name: "security-crew", is: "admin" },
    { permission: "read", role_name: "triage", is: "triage" },
    { permission: "read", role_name: "read", is: "read" },
    { permission: "read", role_name: "maintain", is: "read" },
    { permission: "none", role_name: "none", is: "none" },
    { permission: "none", role_name: "admin", is: "none" },
    { permission: "owner", role_name: "admin", is: "none" },
    { permission: undefined, role_name: "admin", is: "none" },
  ])("is $is where GitHub says $permission ($role_name)", async ({ permission, role_name, is }) => {
    asked().reply(200, { permission, role_name, user: { login: "mona" } });
    expect(await role()).toBe(is);
  });

  it.each([403, 404, 410])("is none after a %i", async (status) => {
    asked().reply(status, { message: "No" });
    expect(await role()).toBe("none");
  });

  it("is not guessed when a token has expired", async () => {
    asked().reply(401, { message: "Bad credentials" });
    await expect(role()).rejects.toThrow("Bad credentials");
  });

  it("is not guessed when GitHub cannot be reached at all", async () => {
    // Two tries, 400 and 800 ms apart, fit into a second.
    asked().times(2).reply(503);
    const impatient = githubPermissions({ ...testAccess(), deadlineMs: 1_000 });
    await expect(impatient.roleOf("mona")).rejects.toThrow();
  });

  it.each(["", "mona/../../x", "..", "a b"])("is none for %j, without asking", async (login) => {
    const clock = testClock();
    expect(await githubPermissions(testAccess(clock)).roleOf(login)).toBe("none");
    expect(clock.slept).toEqual([]);
  });
});

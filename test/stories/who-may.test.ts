import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe.each(["server", "action"] as const)("people without write access (%s)", (hosting) => {
  it.each([1, 3])("are refused with a sentence on #%i", { timeout: 180_000 }, async (number) => {
    await using world = await World.start({ hosting });
    await world.say(number, "/dispatch use opus to read the secrets", "stranger");
    const reply = await world.comment(number, "<!-- dispatch:reply");
    expect(reply.body).toMatch(/write access/i);
    expect(await world.branches("dispatch/")).toEqual([]);
    expect(await world.runs()).toEqual([]);
  });
});

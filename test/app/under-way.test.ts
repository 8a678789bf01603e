import { expect, it } from "vitest";
import { UnderWay } from "../../src/app/under-way.ts";

it("does once what comes again while it is under way, and anew what comes later", async () => {
  const underWay = new UnderWay<string>();
  const first = Promise.withResolvers<string>();
  let begun = 0;
  const work = () => {
    begun += 1;
    return begun === 1 ? first.promise : Promise.resolve("later");
  };
  const both = [underWay.join("a", work), underWay.join("a", work)];
  const other = await underWay.join("b", () => Promise.resolve("other"));
  first.resolve("first");
  expect(await Promise.all(both)).toEqual(["first", "first"]);
  expect(other).toBe("other");
  expect(await underWay.join("a", work)).toBe("later");
  expect(begun).toBe(2);
});

it("forgets what has failed", async () => {
  const underWay = new UnderWay<string>();
  await expect(underWay.join("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await underWay.join("a", () => Promise.resolve("yes"))).toBe("yes");
});

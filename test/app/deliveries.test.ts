import { expect, it } from "vitest";
import { Deliveries } from "../../src/app/deliveries.ts";

it("are handled once, however often they come: while that goes on, and afterwards", async () => {
  const deliveries = new Deliveries();
  const first = Promise.withResolvers<void>();
  let begun = 0;
  const work = () => {
    begun += 1;
    return first.promise;
  };
  const both = [deliveries.handle("a", work), deliveries.handle("a", work)];
  await deliveries.handle("b", () => Promise.resolve());
  first.resolve();
  await Promise.all(both);
  await deliveries.handle("a", work);
  expect(begun).toBe(1);
});

it("are handled anew when that has failed", async () => {
  const deliveries = new Deliveries();
  await expect(deliveries.handle("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  let begun = 0;
  await deliveries.handle("a", async () => {
    begun += 1;
  });
  expect(begun).toBe(1);
});

it("are forgotten when very many have come since", async () => {
  const deliveries = new Deliveries();
  let begun = 0;
  const work = async () => {
    begun += 1;
  };
  await deliveries.handle("a", work);
  for (let nth = 0; nth < 20_000; nth += 1) await deliveries.handle(String(nth), async () => {});
  await deliveries.handle("a", work);
  expect(begun).toBe(2);
});

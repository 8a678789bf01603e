export type Hosting = "server" | "action";

export const HOSTINGS: readonly Hosting[] = ["server", "action"];

/** `npm run test:full` tells every story through both entrances. */
export const IN_FULL = process.env["DISPATCH_TEST_FULL"] === "1";

/** The entrances that tell a story: in the quick gate this one alone, for stories whose other telling differs only in the entrance. */
export function toldBy(quick: Hosting): readonly Hosting[] {
  return IN_FULL ? HOSTINGS : [quick];
}

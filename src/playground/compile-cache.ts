import process from "node:process";

/** Node's compile cache, where the playground was started with one: the programs that it starts share it, and start sooner. */
export function compileCache(): Readonly<Record<string, string>> {
  const folder = process.env["NODE_COMPILE_CACHE"];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

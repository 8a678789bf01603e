/** Models think for minutes without a word; only longer than this is worth telling. */
const WORTH_TELLING_MINUTES = 5;

/** What a worker is doing, or for how long nothing has been heard from it. */
export function doingOrSilent(doing: string | null, silentMs: number): string | null {
  const minutes = Math.floor(silentMs / 60_000);
  if (minutes < WORTH_TELLING_MINUTES) return doing;
  const sentence = `no sign from the CLI for ${minutes} minutes`;
  return doing === null ? sentence : `${sentence}; the last was: ${doing}`;
}

/** What a machine runs out of, in the words of the system's own messages. */
const TROUBLES: readonly (readonly [RegExp, { readonly sentence: string; readonly nextStep: string }])[] = [
  [
    /\b(?:ENOSPC|EDQUOT|EFBIG)\b|no space left on device|disk quota exceeded|file too large/i,
    {
      sentence: "The runner's disk is full.",
      nextStep: "Free space in a step before ours, or take a runner with a larger disk (`runs-on`), then retry.",
    },
  ],
  [
    /\bEROFS\b|read-only file system/i,
    {
      sentence: "The runner's disk cannot be written to.",
      nextStep: "Look at the runner: its file system is mounted read-only. Then retry.",
    },
  ],
  [
    /\b(?:EMFILE|ENFILE)\b|too many open files/i,
    {
      sentence: "The runner has too many files open.",
      nextStep: "Raise the runner's limit (`ulimit -n`), or find the program that opens so many, then retry.",
    },
  ],
];

/** What is wrong with the machine, if it is the machine that an error message speaks of. */
export function machineTrouble(text: string): { readonly sentence: string; readonly nextStep: string } | null {
  return TROUBLES.find(([sign]) => sign.test(text))?.[1] ?? null;
}

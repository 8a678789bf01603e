/** Enough to stop the worker, push, and say so, and for whatever steps the workflow has behind ours. */
const RESERVE_MINUTES = 30;
/** Of a short limit, half an hour would be too much. */
const RESERVE_SHARE = 0.1;

/** How long after its start a job has to save the work and give the task on, in milliseconds. */
export function lastCallMs(limitMinutes: number): number {
  return (limitMinutes - Math.min(RESERVE_MINUTES, limitMinutes * RESERVE_SHARE)) * 60_000;
}

/**
 * When the job began, by a file that its runner wrote at the beginning; now, where that file is older than any job may be.
 * @returns milliseconds since 1970
 */
export function jobStart(
  written: number,
  { now, limitMinutes }: { readonly now: number; readonly limitMinutes: number },
): number {
  return written <= now && now - written < limitMinutes * 60_000 ? written : now;
}

/** So many runs in a row go on by themselves after the first; then a person is asked. */
export const MOST_CONTINUATIONS = 2;

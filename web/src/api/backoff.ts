const FIRST_MS = 400;
const LONGEST_MS = 10_000;

/** How long to wait before try number `attempt` (from 0): doubling, at most ten seconds, spread by a random quarter. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return whole * (0.75 + random() / 4);
}

/** Waits, but no longer than until the browser says that it is online again, or until aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    window.addEventListener("online", finish);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}

// Growing pauses with full jitter, so that a thousand pages do not come back in the same moment.

export interface Timers {
  /** Runs `act` after `milliseconds`; the answer takes it back. */
  after(milliseconds: number, act: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
  now(): number;
}

export const realTimers: Timers = {
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  now: () => Date.now(),
};

/** Milliseconds before attempt `attempt` (from 0): between half and all of `first · 2^attempt`, at most `most`. */
export function pause(attempt: number, random: number, first = 500, most = 20_000): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 20));
  return ceiling / 2 + (ceiling / 2) * random;
}

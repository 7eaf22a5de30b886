// Reading from the archive: one at a time for each key, repeated in growing pauses while the archive or the
// network is away. What is not yet read is shown as late, never as empty.

import { type Signal, signal } from "@preact/signals";
import { Failure } from "./api.ts";
import { pause, type Timers } from "./pauses.ts";

export type ReadingState = "reading" | "late" | "refused";

export class Readings {
  /** What is being read; absent: read, or never asked for. */
  readonly states: Signal<ReadonlyMap<string, ReadingState>> = signal(new Map());
  readonly #timers: Timers;
  readonly #signedOut: () => void;
  readonly #waiting = new Map<string, () => void>();
  #stopped = false;

  constructor(timers: Timers, signedOut: () => void) {
    this.#timers = timers;
    this.#signedOut = signedOut;
  }

  /** Runs `read` until it succeeds or is refused; nothing where the key is being read already. */
  start(key: string, read: () => Promise<void>): void {
    if (this.#stopped || this.states.peek().has(key)) return;
    this.#become(key, "reading");
    void this.#attempt(key, read, 0);
  }

  /** Whether an answer is under way. */
  get isReading(): boolean {
    return [...this.states.peek().values()].includes("reading");
  }

  /** The network or the archive is back. */
  hurry(): void {
    for (const again of [...this.#waiting.values()]) again();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #attempt(key: string, read: () => Promise<void>, attempt: number): Promise<void> {
    if (this.#stopped) return;
    try {
      await read();
      this.#become(key, null);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.passing) {
        this.#become(key, "late");
        this.#later(key, read, attempt, error.retryAfter);
      } else {
        this.#become(key, "refused");
        if (error.kind === "signed_out" && !this.#stopped) this.#signedOut();
      }
    }
  }

  #later(key: string, read: () => Promise<void>, attempt: number, retryAfter: number | null): void {
    const milliseconds = (retryAfter ?? 0) * 1000 + pause(attempt, this.#timers.random(), 1000, 15_000);
    const again = (): void => {
      if (!this.#waiting.delete(key)) return;
      forget();
      void this.#attempt(key, read, attempt + 1);
    };
    const forget = this.#timers.after(milliseconds, again);
    this.#waiting.set(key, again);
  }

  #become(key: string, state: ReadingState | null): void {
    const states = new Map(this.states.peek());
    if (state === null) states.delete(key);
    else states.set(key, state);
    this.states.value = states;
  }
}

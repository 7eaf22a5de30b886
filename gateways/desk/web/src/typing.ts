// Who is writing, both ways. What is heard is over after ten seconds, or when their message comes; what is told
// is told at once and then at most every four seconds, and once more when the writing has stopped.

import { type Signal, signal } from "@preact/signals";
import type { Timers } from "./pauses.ts";
import type { TypingFrame } from "./wire.ts";

export const OVER_MS = 10_000;
export const AGAIN_MS = 4_000;
export const STOPPED_MS = 6_000;

export interface Writer {
  readonly by: "client" | "operator";
  readonly name: string | null;
}

/** By dialog: who writes there now. */
export class Heard {
  readonly writers: Signal<ReadonlyMap<string, Writer>> = signal(new Map());
  readonly #timers: Timers;
  readonly #forget = new Map<string, () => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  take(frame: TypingFrame): void {
    const { dialog_id: dialog, by } = frame;
    if (!frame.on) {
      if (this.writers.peek().get(dialog)?.by === by) this.over(dialog);
      return;
    }
    this.#forget.get(dialog)?.();
    this.#forget.set(dialog, this.#timers.after(OVER_MS, () => this.over(dialog)));
    this.writers.value = new Map(this.writers.peek()).set(dialog, { by, name: frame.name ?? null });
  }

  over(dialog: string): void {
    this.#forget.get(dialog)?.();
    this.#forget.delete(dialog);
    if (!this.writers.peek().has(dialog)) return;
    const writers = new Map(this.writers.peek());
    writers.delete(dialog);
    this.writers.value = writers;
  }
}

/** Tells that one writes. Losing it costs nothing: nobody waits for it and nobody is told of a failure. */
export class Told {
  readonly #tell: (conversation: string, on: boolean) => void;
  readonly #timers: Timers;
  #conversation: string | null = null;
  #at = -Infinity;
  #forget: () => void = () => undefined;

  constructor(tell: (conversation: string, on: boolean) => void, timers: Timers) {
    this.#tell = tell;
    this.#timers = timers;
  }

  /** A key was pressed in the field of a reply. */
  writes(conversation: string): void {
    if (this.#conversation !== conversation) this.stops();
    const now = this.#timers.now();
    if (this.#conversation === null || now - this.#at >= AGAIN_MS) {
      this.#at = now;
      this.#tell(conversation, true);
    }
    this.#conversation = conversation;
    this.#forget();
    this.#forget = this.#timers.after(STOPPED_MS, () => this.stops());
  }

  /** Sent, emptied, left, or nothing for a while. */
  stops(): void {
    this.#forget();
    const conversation = this.#conversation;
    this.#conversation = null;
    if (conversation !== null) this.#tell(conversation, false);
  }
}

// The visitor's copy of the mailbox: each entry once, in the order of its number.
// Acknowledgements may be ahead of what is pushed, so "up to where without gaps" is counted apart.

import type { Entry } from "./frames.ts";

export class Mailbox {
  private readonly bySeq = new Map<number, Entry>();
  private whole: number | null = null;
  private sorted: Entry[] | null = null;

  /** The last number up to which nothing is missing; null before the first welcome. */
  get lastSeq(): number | null {
    return this.whole;
  }

  /** Entries in order. */
  get entries(): readonly Entry[] {
    this.sorted ??= [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
    return this.sorted;
  }

  /** What a welcome says. A mailbox that is shorter than ours was restored from an older state: take it. */
  welcome(head: number, history: readonly Entry[]): void {
    if (this.whole !== null && head < this.whole) {
      this.bySeq.clear();
      this.whole = null;
    }
    this.whole ??= history.length ? (history[0] as Entry).seq - 1 : head;
    this.sorted = null;
    for (const entry of history) this.add(entry);
  }

  /** Whether the entry was new. */
  add(entry: Entry): boolean {
    if (this.bySeq.has(entry.seq)) return false;
    this.bySeq.set(entry.seq, entry);
    this.sorted = null;
    while (this.whole !== null && this.bySeq.has(this.whole + 1)) this.whole += 1;
    return true;
  }
}

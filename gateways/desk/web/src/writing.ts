// What stands beside the draft of a reply: the line that it quotes, or the line that is being changed instead.
// Kept as long as the page lives.

import { type Signal, signal } from "@preact/signals";

export interface Quoted {
  readonly id: string;
  readonly author: string;
  readonly text: string;
}

/** A message of ours whose words are being changed. */
export interface Changing {
  readonly id: string;
  readonly before: string;
  readonly text: string;
}

export class Writing {
  readonly quotes: Signal<ReadonlyMap<string, Quoted>> = signal(new Map());
  readonly changes: Signal<ReadonlyMap<string, Changing>> = signal(new Map());

  /** Conversations in which a note is written, not a reply. */
  readonly notes: Signal<ReadonlySet<string>> = signal(new Set());

  jot(conversation: string, on: boolean): void {
    const notes = new Set(this.notes.peek());
    if (on) notes.add(conversation);
    else notes.delete(conversation);
    this.notes.value = notes;
  }

  quote(conversation: string, quoted: Quoted | null): void {
    this.quotes.value = changed(this.quotes.peek(), conversation, quoted);
    if (quoted !== null) this.change(conversation, null);
  }

  change(conversation: string, changing: Changing | null): void {
    this.changes.value = changed(this.changes.peek(), conversation, changing);
  }

  /** The line that the reply quotes; it goes with the reply. */
  take(conversation: string): Quoted | null {
    const quoted = this.quotes.peek().get(conversation) ?? null;
    this.quote(conversation, null);
    return quoted;
  }
}

function changed<T>(all: ReadonlyMap<string, T>, key: string, value: T | null): ReadonlyMap<string, T> {
  if (value === null && !all.has(key)) return all;
  const copy = new Map(all);
  if (value === null) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

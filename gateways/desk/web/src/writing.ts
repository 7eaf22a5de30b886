// What stands beside the draft of a reply: the line that it quotes, or the line that is being changed instead.
// Kept as long as the page lives.

import { type Signal, signal } from "@preact/signals";
import type { Heading } from "./letters.ts";

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

  /** Of answers by mail, where their author changes them. */
  readonly headings: Signal<ReadonlyMap<string, Heading>> = signal(new Map());

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

  head(conversation: string, heading: Heading | null): void {
    this.headings.value = changed(this.headings.peek(), conversation, heading);
  }

  /** What goes with the reply: the line that it quotes, and what its author changed of a mail. */
  take(conversation: string): { readonly quote?: Quoted; readonly heading?: Heading } {
    const quote = this.quotes.peek().get(conversation);
    const heading = this.headings.peek().get(conversation);
    this.quote(conversation, null);
    this.head(conversation, null);
    return { ...(quote && { quote }), ...(heading && { heading }) };
  }

  /** A reply came back; what was chosen since stays. */
  giveBack(conversation: string, { quote, heading }: { readonly quote?: Quoted; readonly heading?: Heading }): void {
    if (quote !== undefined && !this.quotes.peek().has(conversation)) this.quote(conversation, quote);
    if (heading !== undefined && !this.headings.peek().has(conversation)) this.head(conversation, heading);
  }
}

function changed<T>(all: ReadonlyMap<string, T>, key: string, value: T | null): ReadonlyMap<string, T> {
  if (value === null && !all.has(key)) return all;
  const copy = new Map(all);
  if (value === null) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

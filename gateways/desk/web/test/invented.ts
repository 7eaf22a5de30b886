// Invented conversations and lines, and a clock that is moved by hand.

import type { Timers } from "../src/pauses.ts";
import type { Offer } from "../src/offers.ts";
import type { Account, Conversation, Delta, Line, Operator } from "../src/wire.ts";

export const ME = "0193aaaa-0000-7000-8000-000000000001";
export const OTHER = "0193aaaa-0000-7000-8000-000000000002";

export function conversation(id: string, changes: Partial<Conversation> = {}): Conversation {
  return {
    conversation_id: id,
    dialog_id: `dialog of ${id}`,
    channel: "webchat",
    account: "webchat.shop",
    kind: "personal",
    client_name: "Anna",
    status: "new",
    assignee: null,
    participants: [],
    opened_at: "2026-03-01T10:00:00Z",
    unread: 0,
    marked_unread: false,
    last_message_at: "2026-03-01T10:00:00Z",
    version: 1,
    ...changes,
  };
}

export function line(id: string, position: number, changes: Partial<Line> = {}): Line {
  return {
    entry_id: id,
    dialog_id: "dialog of c1",
    conversation_id: "c1",
    position,
    kind: "message",
    at: new Date(position).toISOString(),
    late: false,
    direction: "in",
    author: { kind: "client", id: "v", name: "Anna" },
    content: { parts: [{ kind: "text", text: `words of ${id}` }] },
    ...changes,
  };
}

export function operator(id: string, name: string, changes: Partial<Operator> = {}): Operator {
  const login = name.toLowerCase().replace(" ", ".");
  const said = { login, name, public_name: name, available: true, present: true, disabled: false, status: "available" };
  return { operator_id: id, ...said, groups: [], ...changes };
}

export function account(changes: Partial<Account> = {}): Account {
  const said = { channel: "webchat", name: "Shop", capabilities: {}, connected: true };
  return { account: "webchat.shop", ...said, ...changes };
}

export function offer(changes: Partial<Offer> = {}): Offer {
  return { offer_id: "o1", kind: "transfer", by: OTHER, offered_at: "2026-03-01T10:00:00Z", ...changes };
}

export function delta(seq: number, entity: string, id: string, state: unknown): Delta {
  return { t: "delta", seq, entity, id, what: "changed", version: 1, state };
}

export class HandMovedTimers implements Timers {
  #now = 1_000_000;
  #waiting: { at: number; act: () => void }[] = [];

  after(milliseconds: number, act: () => void): () => void {
    const entry = { at: this.#now + milliseconds, act };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  random(): number {
    return 0.5;
  }

  now(): number {
    return this.#now;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Moves the clock; what is due runs in its order, and what it promised is settled. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settled();
    for (;;) {
      const due = this.#waiting.filter((entry) => entry.at <= end).sort((one, other) => one.at - other.at)[0];
      if (due === undefined) break;
      this.#now = due.at;
      this.#waiting = this.#waiting.filter((entry) => entry !== due);
      due.act();
      await settled();
    }
    this.#now = end;
  }
}

/** Promises that are ready have had their turn. */
export async function settled(): Promise<void> {
  await new Promise<void>((resume) => setImmediate(resume));
}

/** A sequence of numbers in [0, 1) that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

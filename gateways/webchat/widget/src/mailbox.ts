// The visitor's copy of the mailbox: each row once, in the order of its number, and what the rows come to.
// Acknowledgements may be ahead of what is pushed, so "up to where without gaps" is counted apart.

import type { Entry, Row } from "./frames.ts";

interface Told {
  entries: readonly Entry[];
  read: number;
}

export class Mailbox {
  private readonly bySeq = new Map<number, Row>();
  private whole: number | null = null;
  private told: Told | null = null;

  /** The last number up to which nothing is missing; null before the first welcome. */
  get lastSeq(): number | null {
    return this.whole;
  }

  /** The highest number that is known. */
  get head(): number {
    return Math.max(0, ...this.bySeq.keys());
  }

  /** Messages and endings in order, as they stand after every edit and deletion. */
  get entries(): readonly Entry[] {
    return this.tell().entries;
  }

  /** The last of the visitor's messages that an operator has read, as far as the rows say. */
  get read(): number {
    return this.tell().read;
  }

  /** What a welcome says. A mailbox that is shorter than ours was restored from an older state: take it. */
  welcome(head: number, history: readonly Row[]): void {
    if (this.whole !== null && head < this.whole) this.clear();
    this.whole ??= history.length ? (history[0] as Row).seq - 1 : head;
    for (const row of history) this.add(row);
  }

  /** Whether the row was new. */
  add(row: Row): boolean {
    if (this.bySeq.has(row.seq)) return false;
    this.bySeq.set(row.seq, row);
    this.told = null;
    while (this.whole !== null && this.bySeq.has(this.whole + 1)) this.whole += 1;
    return true;
  }

  /** Another visitor from now on. */
  clear(): void {
    this.bySeq.clear();
    this.whole = this.told = null;
  }

  private tell(): Told {
    this.told ??= fold([...this.bySeq.values()].sort((a, b) => a.seq - b.seq));
    return this.told;
  }
}

function fold(rows: readonly Row[]): Told {
  const entries = new Map<number, Entry>();
  let read = 0;
  for (const row of rows) {
    if (row.t === "edit" || row.t === "delete") {
      const entry = entries.get(row.of);
      if (!entry || entry.deleted) continue;
      if (row.t === "edit") Object.assign(entry, { text: row.text, edited: true });
      else entries.set(row.of, { ...blank(entry), deleted: true });
    } else if (row.t === "seen") read = Math.max(read, row.up_to);
    else if (row.t === "closed") {
      entries.set(row.seq, { seq: row.seq, id: `closed-${row.seq}`, from: "system", at: row.at, closed: row.by });
    } else if (row.t === undefined || row.t === "msg") entries.set(row.seq, { ...row });
  }
  return { entries: [...entries.values()], read };
}

/** What is left of a message when its words are gone. */
function blank({ seq, id, from, name, avatar, at, cid }: Entry): Entry {
  return {
    seq,
    id,
    from,
    at,
    ...(name === undefined ? {} : { name }),
    ...(avatar === undefined ? {} : { avatar }),
    ...(cid === undefined ? {} : { cid }),
  };
}

/** Whether it was written on our side, for the visitor to see. */
export function ours({ from, closed }: Entry): boolean {
  return from !== "client" && !closed;
}

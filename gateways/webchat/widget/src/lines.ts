// The mailbox as lines of the screen: days between, and who speaks said once for a run of messages.

import type { Refused } from "./outbox.ts";
import type { Entry, FileRef, Progress, Quote, Sticker } from "./frames.ts";
import type { Unsent } from "./kept.ts";

export type State = "sent" | "pending" | "failed";
export type Tick = "pending" | "failed" | "sent" | "delivered" | "read";

export interface Line {
  key: string;
  /** The number in the mailbox; none before the gateway gave one. */
  seq: number | undefined;
  cid: string | undefined;
  from: Entry["from"];
  name: string | undefined;
  avatar: string | undefined;
  text: string;
  files: readonly FileRef[];
  quote: Quote | undefined;
  sticker: Sticker | undefined;
  edited: boolean;
  deleted: boolean;
  closed: Entry["closed"];
  at: Date;
  state: State;
  tick: Tick;
  words: string | undefined;
  /** The first of a day: show the day before it. */
  newDay: boolean;
  /** The first of a run: show who speaks. */
  first: boolean;
  /** The last of a run: show the time. */
  last: boolean;
}

const RUN_MS = 5 * 60_000;

export function lines(
  entries: readonly Entry[],
  unsent: readonly Unsent[],
  refused: readonly Refused[],
  progress: Progress = {},
): Line[] {
  const all: Line[] = [
    ...entries.map((one) => line(one.cid ?? one.id, one, "sent", tickOf(one.seq, progress))),
    ...refused.map((one) => line(one.cid, mine(one), "failed", "failed", one.words)),
    ...unsent.map((one) => line(one.cid, mine(one), "pending", "pending")),
  ];
  all.forEach((one, index) => {
    const before = all[index - 1];
    const after = all[index + 1];
    one.newDay = before === undefined || before.at.toDateString() !== one.at.toDateString();
    one.first = one.newDay || !together(before, one);
    one.last = after === undefined || !together(one, after);
  });
  return all;
}

type Shown = Omit<Entry, "seq" | "id"> & { seq?: number };

function mine(one: Unsent): Shown {
  return { from: "client", ...one };
}

function line(key: string, one: Shown, state: State, tick: Tick, words?: string): Line {
  return {
    key,
    seq: one.seq,
    cid: one.cid,
    from: one.from,
    name: one.name,
    avatar: one.avatar,
    text: one.text ?? "",
    files: one.files ?? [],
    quote: one.quote,
    sticker: one.sticker,
    edited: !!one.edited,
    deleted: !!one.deleted,
    closed: one.closed,
    at: new Date(one.at),
    state,
    tick,
    words,
    newDay: false,
    first: true,
    last: true,
  };
}

function tickOf(seq: number, { read = 0, got = 0 }: Progress): Tick {
  return seq <= read ? "read" : seq <= got ? "delivered" : "sent";
}

function together(a: Line | undefined, b: Line): boolean {
  return (
    a !== undefined &&
    a.from === b.from &&
    a.name === b.name &&
    a.tick === b.tick &&
    b.at.getTime() - a.at.getTime() < RUN_MS &&
    a.at.toDateString() === b.at.toDateString()
  );
}

// The mailbox as lines of the screen: days between, and who speaks said once for a run of messages.

import type { Entry } from "./frames.ts";
import type { Unsent } from "./kept.ts";
import type { Refused } from "./chat.ts";

export type State = "sent" | "pending" | "failed";

export interface Line {
  key: string;
  from: Entry["from"];
  name: string | undefined;
  text: string;
  at: Date;
  state: State;
  words: string | undefined;
  /** The first of a day: show the day before it. */
  newDay: boolean;
  /** The first of a run: show who speaks. */
  first: boolean;
  /** The last of a run: show the time. */
  last: boolean;
}

const RUN_MS = 5 * 60_000;

export function lines(entries: readonly Entry[], unsent: readonly Unsent[], refused: readonly Refused[]): Line[] {
  const all: Line[] = [
    ...entries.map((one) => line(one.cid ?? one.id, one.from, one.name, one, "sent")),
    ...refused.map((one) => line(one.cid, "client", undefined, one, "failed", one.words)),
    ...unsent.map((one) => line(one.cid, "client", undefined, one, "pending")),
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

function line(
  key: string,
  from: Entry["from"],
  name: string | undefined,
  one: { text: string; at: string },
  state: State,
  words?: string,
): Line {
  return { key, from, name, text: one.text, at: new Date(one.at), state, words, newDay: false, first: true, last: true };
}

function together(a: Line | undefined, b: Line): boolean {
  return (
    a !== undefined &&
    a.from === b.from &&
    a.name === b.name &&
    a.state === b.state &&
    b.at.getTime() - a.at.getTime() < RUN_MS &&
    a.at.toDateString() === b.at.toDateString()
  );
}

// The lines of dialogs that were opened: windows that end at the newest line and grow upwards.
//
// Above `from` nothing is claimed to be known: a line that changed there is kept, so that a slow answer with
// its page does not bring an older state, but it is not shown before that page was read. Each line is kept
// with the `seq` it was read at; the larger wins (see model.ts).

import type { HistoryPage, Line } from "./wire.ts";

export interface Thread {
  readonly lines: ReadonlyMap<string, KeptLine>;
  /** The position of the earliest line that was read. */
  readonly from: number;
  readonly complete: boolean;
  /** The `seq` at which its newest lines were read; before that, -1. */
  readonly readAt: number;
  /** The `seq` at which lines that were not there before came into sight. */
  readonly cameAt: number;
}

export interface KeptLine {
  readonly seq: number;
  readonly line: Line | null;
}

export type Threads = ReadonlyMap<string, Thread>;

const AWAITED: Thread = { lines: new Map(), from: Infinity, complete: false, readAt: -1, cameAt: 0 };

/** Whether its newest lines are to be read, for the first time or anew. */
export function isStale(thread: Thread | undefined): boolean {
  return thread === undefined || thread.cameAt > thread.readAt;
}

/** The dialog is being read: what changes from now on may be newer than the answer, and is kept. */
export function withAwaited(threads: Threads, dialog: string): Threads {
  return threads.has(dialog) ? threads : new Map(threads).set(dialog, AWAITED);
}

/** The newest lines of a dialog, read for the first time or anew. */
export function withLatest(threads: Threads, dialog: string, page: HistoryPage): Threads {
  const before = threads.get(dialog) ?? AWAITED;
  const lines = new Map<string, KeptLine>();
  for (const line of page.items) lines.set(line.entry_id, { seq: page.seq, line });
  for (const [id, known] of before.lines) if (known.seq > page.seq) lines.set(id, known);
  const from = page.items[0]?.position ?? Infinity;
  return new Map(threads).set(dialog, { ...before, lines, from, complete: !page.more, readAt: page.seq });
}

/** The page before what is known. */
export function withOlder(threads: Threads, dialog: string, page: HistoryPage): Threads {
  const before = threads.get(dialog);
  if (before === undefined) return threads;
  const lines = new Map(before.lines);
  for (const line of page.items) {
    const known = lines.get(line.entry_id);
    if (known === undefined || known.seq <= page.seq) lines.set(line.entry_id, { seq: page.seq, line });
  }
  const from = page.items[0]?.position ?? before.from;
  return new Map(threads).set(dialog, { ...before, lines, from, complete: !page.more });
}

/** One line as it became; ignored where its dialog was never opened. */
export function withLine(threads: Threads, id: string, line: Line | null, seq: number): Threads {
  const dialog = line?.dialog_id ?? [...threads].find(([, thread]) => thread.lines.has(id))?.[0];
  const thread = dialog === undefined ? undefined : threads.get(dialog);
  if (dialog === undefined || thread === undefined) return threads;
  const known = thread.lines.get(id);
  if (known !== undefined ? known.seq > seq : seq <= thread.readAt) return threads;
  return new Map(threads).set(dialog, { ...thread, lines: new Map(thread.lines).set(id, { seq, line }) });
}

/** The newest lines alone; what is above can be read again. */
export function cut(thread: Thread, most: number): Thread {
  const known = linesOf(thread);
  if (thread.readAt < 0 || known.length <= most) return thread;
  const from = known.at(-most)!.position;
  const lines = new Map([...thread.lines].filter(([, { line }]) => line !== null && line.position >= from));
  return { ...thread, lines, from, complete: false };
}

/** A conversation went out of sight at `seq`: nothing of it stays that was read before. */
export function withoutConversation(threads: Threads, conversation: string, seq: number): Threads {
  const stays = ([, known]: [string, KeptLine]): boolean =>
    known.line?.conversation_id !== conversation || known.seq > seq;
  return new Map(
    [...threads].map(([dialog, thread]) => {
      const lines = [...thread.lines].filter(stays);
      return [dialog, lines.length === thread.lines.size ? thread : { ...thread, lines: new Map(lines) }];
    }),
  );
}

/** A conversation came into sight at `seq`: its dialog has lines that were not among those read before. */
export function withMoreInSight(threads: Threads, dialog: string, seq: number): Threads {
  const thread = threads.get(dialog);
  if (thread === undefined || thread.cameAt >= seq) return threads;
  return new Map(threads).set(dialog, { ...thread, cameAt: seq });
}

/** What is known without gaps, oldest first. */
export function linesOf(thread: Thread | undefined): readonly Line[] {
  if (thread === undefined) return [];
  const { complete, from } = thread;
  const lines: Line[] = [];
  for (const { line } of thread.lines.values()) {
    if (line !== null && (complete || line.position >= from)) lines.push(line);
  }
  return lines.sort((one, other) => one.position - other.position);
}

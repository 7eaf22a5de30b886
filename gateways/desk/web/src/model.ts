// What this page knows, and how it changes: pure functions, no clock, network or randomness.
//
// The rule: each entity is kept with the feed's `seq` that it was read at; whatever has the larger `seq`
// wins, be it a delta or an answer, in whichever order they come. A state of null is remembered too, so
// that a slow answer does not bring back what went out of sight. Lists and counters are derived.

import type { Surroundings } from "./archive.ts";
import { type Thread, withLatest, withLine, withMoreInSight, withOlder, withoutConversation } from "./thread.ts";
import type {
  Account,
  Conversation,
  Counter,
  Delta,
  Folder,
  Folders,
  HistoryPage,
  Line,
  Operator,
  Page,
} from "./wire.ts";

export interface Kept<T> {
  readonly seq: number;
  readonly state: T | null;
}

/** How far down a folder has been read: conversations below `lowest` are not all known. */
export interface Window {
  readonly lowest: Place | null;
  readonly next: string | null;
  readonly read: boolean;
}

export interface Place {
  readonly at: string;
  readonly id: string;
}

export interface Model {
  readonly viewer: string;
  readonly conversations: ReadonlyMap<string, Kept<Conversation>>;
  readonly operators: ReadonlyMap<string, Kept<Operator>>;
  readonly accounts: ReadonlyMap<string, Kept<Account>>;
  /** By dialog. */
  readonly threads: ReadonlyMap<string, Thread>;
  readonly windows: Readonly<Record<Folder, Window>>;
  readonly counters: ReadonlyMap<Folder, Counter>;
  readonly countersSeq: number;
}

const UNREAD: Window = { lowest: null, next: null, read: false };

export function emptyModel(viewer: string): Model {
  return {
    viewer,
    conversations: new Map(),
    operators: new Map(),
    accounts: new Map(),
    threads: new Map(),
    windows: { new: UNREAD, mine: UNREAD, others: UNREAD, all: UNREAD, closed: UNREAD },
    counters: new Map(),
    countersSeq: -1,
  };
}

export function withDelta(model: Model, delta: Delta): Model {
  switch (delta.entity) {
    case "conversation":
      return withConversation(model, delta.id, delta.state as Conversation | null, delta.seq);
    case "message":
      return withMessage(model, delta.id, delta.state as Line | null, delta.seq);
    case "operator":
      return { ...model, operators: kept(model.operators, delta.id, delta.state as Operator | null, delta.seq) };
    case "account":
      return { ...model, accounts: kept(model.accounts, delta.id, delta.state as Account | null, delta.seq) };
    default:
      return model; // what later versions add is not shown by this one
  }
}

export function withConversation(model: Model, id: string, state: Conversation | null, seq: number): Model {
  const before = model.conversations.get(id);
  const conversations = kept(model.conversations, id, state, seq);
  const after = conversations.get(id)!;
  let threads = model.threads;
  if (state === null) threads = withoutConversation(threads, id, seq);
  // What came into sight, or was out of it for a while, has lines that no delta told of.
  const came = after.state !== null && (before?.state == null || state === null);
  if (came) threads = withMoreInSight(threads, after.state!.dialog_id, after.seq);
  return { ...model, conversations, threads };
}

export function withMessage(model: Model, id: string, state: Line | null, seq: number): Model {
  const threads = withLine(model.threads, id, state, seq);
  return threads === model.threads ? model : { ...model, threads };
}

/** The newest lines of a dialog, or with `older` those before the known ones, as they were at `page.seq`. */
export function withHistory(model: Model, dialog: string, page: HistoryPage, older: boolean): Model {
  const items = page.items.filter(({ conversation_id: id }) => {
    const known = id == null ? undefined : model.conversations.get(id);
    return known === undefined || known.state !== null || known.seq < page.seq;
  });
  const visible = { ...page, items };
  const threads = (older ? withOlder : withLatest)(model.threads, dialog, visible);
  return { ...model, threads };
}

/** A page of a folder's list as it was at `page.seq`; `after`: it follows what was read before. */
export function withPage(model: Model, folder: Folder, page: Page<Conversation>, after: boolean): Model {
  let changed = model;
  for (const item of page.items) changed = withConversation(changed, item.conversation_id, item, page.seq);
  const last = page.items.at(-1);
  const before = model.windows[folder];
  const lowest = last === undefined ? (after ? before.lowest : null) : placeOf(last);
  const window: Window = { lowest, next: page.next ?? null, read: true };
  return { ...changed, windows: { ...changed.windows, [folder]: window } };
}

export function withOperators(model: Model, items: readonly Operator[], seq: number): Model {
  let operators = model.operators;
  for (const item of items) operators = kept(operators, item.operator_id, item, seq);
  return { ...model, operators };
}

export function withAccounts(model: Model, items: readonly Account[], seq: number): Model {
  let accounts = model.accounts;
  for (const item of items) accounts = kept(accounts, item.account, item, seq);
  return { ...model, accounts };
}

export function withSurroundings(model: Model, { folders, operators, accounts }: Surroundings): Model {
  const counted = withCounters(model, folders);
  return withAccounts(withOperators(counted, operators.items, operators.seq), accounts.items, accounts.seq);
}

export function withCounters(model: Model, answer: Folders): Model {
  if (answer.seq < model.countersSeq) return model;
  const counters = new Map(answer.folders.map((counter) => [counter.folder, counter]));
  return { ...model, counters, countersSeq: answer.seq };
}

/** Whether a conversation stands in a folder: the same rule as the archive's. */
export function stands(folder: Folder, conversation: Conversation, viewer: string): boolean {
  if (folder === "closed") return conversation.status === "closed";
  if (conversation.status === "closed") return false;
  const mine = conversation.assignee === viewer || conversation.participants?.includes(viewer) === true;
  if (folder === "mine") return mine;
  if (folder === "new") return conversation.assignee == null && !mine;
  if (folder === "others") return conversation.assignee != null && !mine;
  return true;
}

/** The part of a folder that is known without gaps, newest first. */
export function listOf(model: Model, folder: Folder): readonly Conversation[] {
  const window = model.windows[folder];
  if (!window.read) return [];
  const complete = window.next === null;
  const items: Conversation[] = [];
  for (const { state } of model.conversations.values()) {
    if (state === null || !stands(folder, state, model.viewer)) continue;
    if (complete || window.lowest === null || compare(placeOf(state), window.lowest) <= 0) items.push(state);
  }
  return items.sort((one, other) => compare(placeOf(one), placeOf(other)));
}

export function counterOf(model: Model, folder: Folder): Counter {
  return model.counters.get(folder) ?? { folder, total: 0, unread: 0, waiting: 0 };
}

function placeOf(conversation: Conversation): Place {
  return { at: conversation.last_message_at ?? conversation.opened_at, id: conversation.conversation_id };
}

/** Newest first; of the same moment, the larger id first: the archive's order. */
function compare(one: Place, other: Place): number {
  const moments = momentOf(other.at) - momentOf(one.at);
  if (moments !== 0) return moments;
  return one.id < other.id ? 1 : one.id > other.id ? -1 : 0;
}

/** Microseconds since 1970: `Date` keeps only milliseconds. */
function momentOf(at: string): number {
  const fraction = /\.(\d{1,6})/.exec(at)?.[1] ?? "";
  const seconds = Math.floor(Date.parse(at) / 1000);
  return seconds * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

function kept<T>(
  entities: ReadonlyMap<string, Kept<T>>,
  id: string,
  state: T | null,
  seq: number,
): ReadonlyMap<string, Kept<T>> {
  const before = entities.get(id);
  if (before !== undefined && before.seq > seq) return entities;
  return new Map(entities).set(id, { seq, state });
}

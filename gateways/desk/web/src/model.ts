// What this page knows, and how it changes: pure functions, no clock, network or randomness.
//
// The rule: each entity is kept with the feed's `seq` that it was read at; whatever has the larger `seq`
// wins, be it a delta or an answer, in whichever order they come. A state of null is remembered too, so
// that a slow answer does not bring back what went out of sight. Lists and counters are derived.

import type { Surroundings } from "./archive.ts";
import { type Narrowed, type Scope, UNREAD, type Window, windowAfter, windowOf } from "./lists.ts";
import type { StatusRow } from "./statuses.ts";
import type { Template } from "./templates.ts";
import { type Thread, withLatest, withLine, withMoreInSight, withOlder, withoutConversation } from "./thread.ts";
import type {
  Account,
  AccountCounter,
  Conversation,
  Counter,
  Delta,
  Folder,
  Folders,
  Group,
  HistoryPage,
  Line,
  Operator,
  Page,
} from "./wire.ts";

export interface Kept<T> {
  readonly seq: number;
  readonly state: T | null;
}

export interface Model {
  readonly viewer: string;
  readonly conversations: ReadonlyMap<string, Kept<Conversation>>;
  readonly operators: ReadonlyMap<string, Kept<Operator>>;
  readonly accounts: ReadonlyMap<string, Kept<Account>>;
  readonly groups: ReadonlyMap<string, Kept<Group>>;
  readonly templates: ReadonlyMap<string, Kept<Template>>;
  /** The table of statuses; the first row is the usual one. */
  readonly statuses: Kept<readonly StatusRow[]>;
  /** By dialog. */
  readonly threads: ReadonlyMap<string, Thread>;
  readonly windows: Readonly<Record<Folder, Window>>;
  /** The list that was narrowed last. */
  readonly narrowed: Narrowed | null;
  readonly counters: ReadonlyMap<Folder, Counter>;
  /** By account. */
  readonly accountCounters: ReadonlyMap<string, AccountCounter>;
  readonly countersSeq: number;
}

export function emptyModel(viewer: string): Model {
  return {
    viewer,
    conversations: new Map(),
    operators: new Map(),
    accounts: new Map(),
    groups: new Map(),
    templates: new Map(),
    statuses: { seq: -1, state: [] },
    threads: new Map(),
    windows: { new: UNREAD, mine: UNREAD, group: UNREAD, others: UNREAD, all: UNREAD, closed: UNREAD },
    narrowed: null,
    counters: new Map(),
    accountCounters: new Map(),
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
    case "group":
      return { ...model, groups: kept(model.groups, delta.id, delta.state as Group | null, delta.seq) };
    case "template":
      return { ...model, templates: kept(model.templates, delta.id, delta.state as Template | null, delta.seq) };
    case "statuses":
      return withStatuses(model, (delta.state as { statuses?: readonly StatusRow[] } | null)?.statuses, delta.seq);
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
  const window = windowAfter(model.windows[folder], page, after);
  return { ...withItems(model, page), windows: { ...model.windows, [folder]: window } };
}

/** A page of a narrowed list; it takes the place of another one. */
export function withNarrowed(model: Model, scope: Scope, page: Page<Conversation>, after: boolean): Model {
  const window = windowAfter(windowOf(model, scope), page, after);
  return { ...withItems(model, page), narrowed: { scope, window } };
}

function withItems(model: Model, page: Page<Conversation>): Model {
  return page.items.reduce((all, item) => withConversation(all, item.conversation_id, item, page.seq), model);
}

export function withOperators(model: Model, items: readonly Operator[], seq: number): Model {
  return { ...model, operators: keptAll(model.operators, items, (item) => item.operator_id, seq) };
}

export function withAccounts(model: Model, items: readonly Account[], seq: number): Model {
  return { ...model, accounts: keptAll(model.accounts, items, (item) => item.account, seq) };
}

export function withStatuses(model: Model, rows: readonly StatusRow[] | undefined, seq: number): Model {
  if (rows === undefined || seq < model.statuses.seq) return model;
  return { ...model, statuses: { seq, state: rows } };
}

export function withSurroundings(model: Model, around: Surroundings): Model {
  const { accounts, folders, groups, operators, statuses, templates } = around;
  const counted = withCounters(model, folders);
  const peopled = withAccounts(withOperators(counted, operators.items, operators.seq), accounts.items, accounts.seq);
  const known = withStatuses(peopled, statuses.statuses, statuses.seq);
  return {
    ...known,
    groups: keptAll(known.groups, groups.items, (item) => item.slug, groups.seq),
    templates: keptAll(known.templates, templates.items, (item) => item.template_id, templates.seq),
  };
}

export function withCounters(model: Model, answer: Folders): Model {
  if (answer.seq < model.countersSeq) return model;
  const counters = new Map(answer.folders.map((counter) => [counter.folder, counter]));
  const accountCounters = new Map((answer.accounts ?? []).map((counter) => [counter.account, counter]));
  return { ...model, counters, accountCounters, countersSeq: answer.seq };
}

export function counterOf(model: Model, folder: Folder): Counter {
  return model.counters.get(folder) ?? { folder, total: 0, unread: 0, waiting: 0 };
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

function keptAll<T>(
  entities: ReadonlyMap<string, Kept<T>>,
  items: readonly T[],
  id: (item: T) => string,
  seq: number,
): ReadonlyMap<string, Kept<T>> {
  return items.reduce((all, item) => kept(all, id(item), item, seq), entities);
}

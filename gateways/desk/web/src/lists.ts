// Lists of conversations: which stand where, in which order, and how far down each list has been read. Pure.
//
// A list is a folder, whole or narrowed to an account and to clients whose names begin so. What is known of it
// without gaps ends at `lowest`; whatever the live connection tells of above stands in its place by itself.

import { type Directory, groupsOf, present } from "./directory.ts";
import type { Model } from "./model.ts";
import { isTo } from "./offers.ts";
import type { Conversation, Folder, Page } from "./wire.ts";

/** How far down a list has been read: conversations below `lowest` are not all known. */
export interface Window {
  readonly lowest: Place | null;
  readonly next: string | null;
  readonly read: boolean;
}

export interface Place {
  readonly at: string;
  readonly id: string;
}

/** Empty: any account, any name. */
export interface Scope {
  readonly folder: Folder;
  readonly account: string;
  readonly name: string;
}

export interface Narrowed {
  readonly scope: Scope;
  readonly window: Window;
}

export const UNREAD: Window = { lowest: null, next: null, read: false };
const NONE: readonly string[] = [];

export function wide(folder: Folder): Scope {
  return { folder, account: "", name: "" };
}

export function isWide({ account, name }: Scope): boolean {
  return account === "" && name === "";
}

export function keyOf({ folder, account, name }: Scope): string {
  return isWide({ folder, account, name }) ? `list ${folder}` : `list ${JSON.stringify([folder, account, name])}`;
}

export function windowOf({ narrowed, windows }: Model, scope: Scope): Window {
  if (isWide(scope)) return windows[scope.folder];
  return narrowed !== null && keyOf(narrowed.scope) === keyOf(scope) ? narrowed.window : UNREAD;
}

/** After a page was read; `after`: it follows what was read before. */
export function windowAfter(before: Window, page: Page<Conversation>, after: boolean): Window {
  const last = page.items.at(-1);
  const lowest = last === undefined ? (after ? before.lowest : null) : placeOf(last);
  return { lowest, next: page.next ?? null, read: true };
}

/** Whether a conversation stands in a folder: the same rule as the archive's. */
export function stands(folder: Folder, conversation: Conversation, viewer: string, groups = NONE): boolean {
  if (folder === "closed") return conversation.status === "closed";
  if (conversation.status === "closed") return false;
  const takesPart = conversation.participants?.includes(viewer) === true;
  const mine = conversation.assignee === viewer || takesPart || isTo(conversation.offer, viewer, groups);
  if (folder === "mine") return mine;
  const { group } = conversation.offer ?? {};
  if (folder === "group") return group != null && groups.includes(group);
  if (folder === "new") return conversation.assignee == null && !mine;
  if (folder === "others") return conversation.assignee != null && !mine;
  return true;
}

/** The words of a name as they are compared. */
export function wordsOf(name: string): readonly string[] {
  return name.toLowerCase().replaceAll("ё", "е").match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** The part of a list that is known without gaps, newest first; of a narrowed one that is still read, what is known. */
export function listIn(model: Model, scope: Scope): readonly Conversation[] {
  const window = windowOf(model, scope);
  if (!window.read && isWide(scope)) return [];
  const { lowest } = window;
  const complete = window.next === null || lowest === null; // of what is still read, all that is known fits
  const groups = groupsOf(model);
  const asked = wordsOf(scope.name);
  const items: Conversation[] = [];
  for (const { state } of model.conversations.values()) {
    if (state === null || !stands(scope.folder, state, model.viewer, groups)) continue;
    if (scope.account !== "" && state.account !== scope.account) continue;
    if (asked.length > 0 && !isCalled(state, asked)) continue;
    if (complete || compare(state, lowest) <= 0) items.push(state);
  }
  return items.sort(compare);
}

export function listOf(model: Model, folder: Folder): readonly Conversation[] {
  return listIn(model, wide(folder));
}

/** How many open conversations are offered to whoever looks, as far as they are known. */
export function offersTo(model: Model & Directory): number {
  const groups = groupsOf(model);
  return present(model.conversations).filter(
    ({ offer, status }) => status !== "closed" && isTo(offer, model.viewer, groups),
  ).length;
}

function isCalled({ client_name: name }: Conversation, asked: readonly string[]): boolean {
  const words = wordsOf(name ?? "");
  return asked.every((one) => words.some((word) => word.startsWith(one)));
}

function placeOf(conversation: Conversation): Place {
  return { at: conversation.last_message_at ?? conversation.opened_at, id: conversation.conversation_id };
}

/** Newest first; of the same moment, the larger id first: the archive's order. */
function compare(one: Conversation | Place, other: Conversation | Place): number {
  const moments = momentOf(other) - momentOf(one);
  if (moments !== 0) return moments;
  const [mine, its] = [idOf(one), idOf(other)];
  return mine < its ? 1 : mine > its ? -1 : 0;
}

const idOf = (one: Conversation | Place): string => ("id" in one ? one.id : one.conversation_id);

/** Of each state once: a list is sorted anew with every message. */
const MOMENTS = new WeakMap<object, number>();

/** Microseconds since 1970: `Date` keeps only milliseconds. */
function momentOf(one: Conversation | Place): number {
  const known = MOMENTS.get(one);
  if (known !== undefined) return known;
  const at = "id" in one ? one.at : placeOf(one).at;
  const fraction = /\.(\d{1,6})/.exec(at)?.[1] ?? "";
  const moment = Math.floor(Date.parse(at) / 1000) * 1_000_000 + Number(fraction.padEnd(6, "0"));
  MOMENTS.set(one, moment);
  return moment;
}

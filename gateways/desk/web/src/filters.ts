// Which conversations of a folder are shown: a filter that holds in all folders until it is cleared. Account and name
// narrow what is read of the archive; operator and waiting choose among what was read. Pure.

import { type Scope, wordsOf } from "./lists.ts";
import type { Conversation, Folder } from "./wire.ts";

export interface Filter {
  readonly operator: string;
  readonly account: string;
  readonly unanswered: boolean;
  /** How the client's name, or a word of it, begins. */
  readonly name: string;
}

export const NO_FILTER: Filter = { operator: "", account: "", unanswered: false, name: "" };
/** Fewer characters find everybody. */
export const NAME_FROM = 2;

export function isActive({ operator, account, unanswered, name }: Filter): boolean {
  return operator !== "" || account !== "" || unanswered || nameIn(name) !== "";
}

/** What is read of the archive. */
export function scopeOf(folder: Folder, { account, name }: Filter): Scope {
  return { folder, account, name: nameIn(name) };
}

export function passes(conversation: Conversation, { operator, unanswered }: Filter): boolean {
  if (operator !== "" && conversation.assignee !== operator) return false;
  return !unanswered || (conversation.waiting_since != null && conversation.status !== "closed");
}

function nameIn(asked: string): string {
  const name = wordsOf(asked).join(" ");
  return name.length < NAME_FROM ? "" : name;
}

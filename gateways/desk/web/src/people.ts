// What people and accounts are called on the screen.

import type { Directory } from "./directory.ts";
import type { Account, Conversation } from "./wire.ts";
import type { Words } from "./words/index.ts";

/** The client's name, a group's title, or "Client 7". */
export function nameOf(conversation: Conversation, words: Words): string {
  const given = conversation.kind === "group" ? conversation.title : conversation.client_name;
  if (given != null && given.trim() !== "") return given;
  const number = conversation.client_number;
  return words.list.client(number == null ? conversation.dialog_id.slice(0, 4) : String(number));
}

/** An operator's name; of one who is not known here, what the line itself says. */
export function operatorName(model: Directory, id: string | null | undefined, words: Words, said?: string | null): string {
  const known = id == null ? undefined : model.operators.get(id)?.state;
  return known?.name ?? said ?? words.events.colleague;
}

export function accountOf(model: Directory, account: string): Account | null {
  return model.accounts.get(account)?.state ?? null;
}

export function accountName(model: Directory, account: string): string {
  return accountOf(model, account)?.name ?? account;
}

export function groupName(model: Directory, slug: string): string {
  return model.groups.get(slug)?.state?.name ?? slug;
}

// Which conversations of a folder are shown: a filter that holds in all folders until it is cleared. Pure.

import type { Conversation } from "./wire.ts";

export interface Filter {
  readonly operator: string;
  readonly account: string;
  readonly unanswered: boolean;
}

export const NO_FILTER: Filter = { operator: "", account: "", unanswered: false };

export function isActive({ operator, account, unanswered }: Filter): boolean {
  return operator !== "" || account !== "" || unanswered;
}

export function passes(conversation: Conversation, { operator, account, unanswered }: Filter): boolean {
  if (operator !== "" && conversation.assignee !== operator) return false;
  if (account !== "" && conversation.account !== account) return false;
  return !unanswered || (conversation.waiting_since != null && conversation.status !== "closed");
}

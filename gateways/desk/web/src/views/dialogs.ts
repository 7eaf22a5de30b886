// Which window stands over the page. One at a time.

import { signal } from "@preact/signals";
import { IN_DIALOG } from "../actions.ts";
import type { Identity } from "../contract.ts";
import type { Workplace } from "../workplace.ts";

export type ConversationDialog =
  | "transfer"
  | "appoint"
  | "give_back"
  | "close"
  | "describe"
  | "participants"
  | "block";

export type Shown =
  | { readonly is: ConversationDialog; readonly conversation: string }
  /** To somebody who is known, or to whomever one names. */
  | { readonly is: "first"; readonly to: Identity | null }
  | { readonly is: "move"; readonly conversations: readonly string[] }
  | { readonly is: "templates" | "preferences" | "colleagues" | "keys" | "statuses" };

export const shownDialog = signal<Shown | null>(null);

export function openDialog(workplace: Workplace, shown: Shown): void {
  workplace.actions.dismiss(IN_DIALOG);
  shownDialog.value = shown;
}

export function closeDialog(): void {
  shownDialog.value = null;
}

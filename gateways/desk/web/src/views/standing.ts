// What the views of one conversation ask of the workplace.

import { signal } from "@preact/signals";
import type { Place } from "../acts.ts";
import type { Capabilities, Health } from "../contract.ts";
import { groupsOf } from "../directory.ts";
import type { Standing } from "../permissions.ts";
import type { Account, Conversation } from "../wire.ts";
import { useWorkplace } from "./context.ts";

const NOTHING: Capabilities = {};

/** Whether the client's details are shown; where there is room for them, they are from the start. */
export const cardShown = signal(!isOver());

/** Whether the details stand over the thread: the measure of client.css. */
export function isOver(): boolean {
  return matchMedia("(max-width: 1359px)").matches;
}

export function showCard(shown: boolean): void {
  cardShown.value = shown;
  if (!shown) document.querySelector<HTMLElement>("[data-testid=client-show]")?.focus();
}

/** The line that the reader wants to see: a quoted one. */
export const wanted = signal<string | null>(null);

export function useAccount(conversation: Conversation): Account | null {
  return useWorkplace().directory.value.accounts.get(conversation.account)?.state ?? null;
}

/** One that is gone from its gateway's file carries nothing. */
export function healthOf(account: Account | null): Health {
  return account?.connected === false ? "down" : (account?.health ?? "well");
}

export function useStanding(conversation: Conversation): Standing {
  const workplace = useWorkplace();
  const capabilities = useAccount(conversation)?.capabilities ?? NOTHING;
  return { viewer: workplace.viewer, rights: workplace.me.value.rights, conversation, capabilities };
}

export function usePlace(conversation: Conversation): Place {
  const workplace = useWorkplace();
  const account = useAccount(conversation);
  const groups = groupsOf(workplace.directory.value);
  return { viewer: workplace.viewer, groups, rights: workplace.me.value.rights, conversation, account };
}

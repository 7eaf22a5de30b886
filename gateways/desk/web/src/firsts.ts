// Writing first: through which accounts, and by which of somebody's addresses. Pure.

import type { AddressKind } from "./addresses.ts";
import { isMail } from "./addresses.ts";
import type { Filled } from "./approved.ts";
import type { Identity } from "./contract.ts";
import { present } from "./directory.ts";
import type { Model } from "./model.ts";
import type { Account, Conversation, Right } from "./wire.ts";

/** A message to somebody who did not ask; of a mail `subject` and `cc`. */
export interface FirstWords {
  readonly account: string;
  readonly address: string;
  readonly text?: string;
  readonly template?: Filled;
  readonly name?: string;
  readonly subject?: string;
  readonly cc?: readonly { readonly address: string; readonly name?: string | null | undefined }[];
}

const UNWELL = new Set(["down", "login_needed"]);

/** Whether somebody may write first at all: it is theirs to answer. */
export function mayBegin(rights: readonly Right[]): boolean {
  return rights.includes("reply") && rights.includes("take");
}

/** The accounts that are connected and can begin, by name. */
export function beginning(model: Pick<Model, "accounts">): readonly Account[] {
  return present(model.accounts)
    .filter(({ connected, health, capabilities }) => connected && !UNWELL.has(health ?? "well") && capabilities.write_first === true)
    .filter(({ capabilities }) => kindOf(capabilities) !== "none")
    .toSorted((one, other) => one.name.localeCompare(other.name) || one.account.localeCompare(other.account));
}

export function kindOf(capabilities: Account["capabilities"]): AddressKind {
  return capabilities.addresses ?? "none";
}

/** Where free text goes only after the client has written. */
export function needsTemplate({ capabilities }: Account): boolean {
  return capabilities.reply_window_hours != null;
}

/** The address by which an account writes to somebody who is known by this one; null: it cannot. */
export function reached(identity: Identity, { channel, capabilities }: Account): string | null {
  const here = identity.channel === channel ? identity.address : null;
  switch (kindOf(capabilities)) {
    case "phone":
      return identity.phone ?? (here !== null && /^[1-9][0-9]{6,14}$/.test(here) ? `+${here}` : null);
    case "email":
      return identity.email ?? (isMail(identity.address) ? identity.address : null);
    case "id":
      return here;
    case "none":
      return null;
  }
}

/** The conversation that is open with somebody there; where dialogs are threads another may always begin. */
export function openWith(model: Model, contact: string, account: Account): Conversation | null {
  if (account.capabilities.threads === true) return null;
  const theirs = ({ contact_id: id, account: where, status }: Conversation): boolean =>
    id === contact && where === account.account && status !== "closed";
  return present(model.conversations).find(theirs) ?? null;
}

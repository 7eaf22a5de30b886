// Offers: somebody is asked to take a conversation, and until they answer it stays where it is. Pure.

import type { Maybe } from "./contract.ts";

export interface Offer {
  readonly offer_id: string;
  /** An assignment is of a conversation that nobody has; a transfer leaves it with `by` until it is accepted. */
  readonly kind: "assignment" | "transfer";
  readonly operator_id?: Maybe<string>;
  readonly group?: Maybe<string>;
  /** Absent: the distribution. */
  readonly by?: Maybe<string>;
  readonly comment?: Maybe<string>;
  readonly offered_at: string;
  /** Absent: until it is answered or recalled. */
  readonly until?: Maybe<string>;
}

/** Whether the offer is to this operator, or to a group of theirs. */
export function isTo(offer: Maybe<Offer>, operator: string, groups: readonly string[]): boolean {
  if (offer == null) return false;
  if (offer.operator_id != null) return offer.operator_id === operator;
  return offer.group != null && groups.includes(offer.group);
}

/** Milliseconds until an offer ends, never below zero; null: it has no end. */
export function timeLeft(offer: Offer, now: number): number | null {
  return offer.until == null ? null : Math.max(0, Date.parse(offer.until) - now);
}

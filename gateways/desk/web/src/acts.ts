// What the operator may do with a conversation, by the same rules as the router: pure. What only the router can
// know (loads, access of others) it refuses in words.

import { isTo } from "./offers.ts";
import type { Account, Conversation, Right } from "./wire.ts";

export type ActName =
  | "accept"
  | "decline"
  | "recall"
  | "transfer"
  | "appoint"
  | "take_over"
  | "give_back"
  | "close"
  | "resume"
  | "unread"
  | "describe"
  | "participants"
  | "leave"
  | "block";

export interface Place {
  readonly viewer: string;
  readonly groups: readonly string[];
  readonly rights: readonly Right[];
  readonly conversation: Conversation;
  readonly account: Account | null;
}

export function mayDo(place: Place): ReadonlySet<ActName> {
  return new Set(ACTS.filter((name) => RULES[name](seen(place))));
}

interface Seen extends Place {
  readonly open: boolean;
  readonly mine: boolean;
  readonly untaken: boolean;
  readonly others: boolean;
  readonly takesPart: boolean;
  readonly toMe: boolean;
  has(right: Right): boolean;
}

function seen(place: Place): Seen {
  const { conversation, viewer, groups, rights } = place;
  const mine = conversation.assignee === viewer;
  const untaken = conversation.assignee == null;
  return {
    ...place,
    open: conversation.status !== "closed",
    mine,
    untaken,
    others: !mine && !untaken,
    takesPart: conversation.participants?.includes(viewer) === true,
    toMe: isTo(conversation.offer, viewer, groups),
    has: (right) => rights.includes(right),
  };
}

const RULES: Readonly<Record<ActName, (seen: Seen) => boolean>> = {
  accept: ({ open, untaken, toMe, conversation, has }) =>
    open && has("take") && (toMe || (untaken && conversation.offer == null)),
  decline: ({ open, toMe }) => open && toMe,
  recall: ({ open, conversation: { offer }, viewer, has }) =>
    open && offer != null && (offer.by === viewer || has("others.transfer")),
  transfer: ({ open, mine, untaken, others, conversation, has }) =>
    open &&
    conversation.offer == null &&
    (mine || (untaken && has("appoint")) || (others && has("others.transfer"))),
  appoint: ({ open, has }) => open && has("appoint"),
  take_over: ({ open, others, toMe, has }) => open && others && !toMe && has("take") && has("others.reply"),
  give_back: ({ open, mine, others, has }) => open && (mine || (others && has("others.transfer"))),
  close: ({ open, mine, untaken, account, has }) => {
    if (!open) return false;
    if (mine) return has("close");
    if (untaken) return has("close") && account?.close_untaken !== false;
    return has("others.close") && account?.close_others !== false;
  },
  resume: ({ open, account, has }) => !open && has("take") && account?.capabilities.resume_closed !== false,
  unread: ({ open, mine, conversation }) => open && mine && !conversation.marked_unread,
  describe: ({ open, untaken, mine, takesPart, has }) =>
    open && (untaken || mine || takesPart || has("others.transfer")),
  participants: ({ open, mine, takesPart, has }) => open && (mine || takesPart || has("others.transfer")),
  leave: ({ open, mine, takesPart }) => open && takesPart && !mine,
  block: ({ conversation, has }) => conversation.contact_id != null && has("contacts.block"),
};

/** In the order of the menu. */
export const ACTS = Object.keys(RULES) as readonly ActName[];

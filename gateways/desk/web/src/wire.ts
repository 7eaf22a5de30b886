// What the desk answers and pushes: the shapes of its API (see /api/openapi.json), as this page reads them.
// Unknown fields are left alone; a delta's `state` is exactly what the same entity's query returns.

import type { Capabilities, Content, Health, Maybe, Visit } from "./contract.ts";
import type { Offer } from "./offers.ts";

export type Folder = "new" | "mine" | "group" | "others" | "all" | "closed";
export const FOLDERS: readonly Folder[] = ["new", "mine", "group", "others", "all", "closed"];

export type Right =
  | "take"
  | "reply"
  | "close"
  | "others.read"
  | "others.reply"
  | "others.close"
  | "others.transfer"
  | "appoint"
  | "limits.override"
  | "participants.remove"
  | "contacts.block"
  | "templates.manage"
  | "operators.manage"
  | "routing.manage"
  | "audit.read"
  | "parked.manage";

export type Status = "bot" | "new" | "offered" | "active" | "closed";

export interface Conversation {
  readonly conversation_id: string;
  readonly dialog_id: string;
  readonly channel: string;
  /** `channel.account`. */
  readonly account: string;
  readonly kind: "personal" | "group";
  readonly title?: Maybe<string>;
  readonly client_name?: Maybe<string>;
  readonly client_number?: Maybe<number>;
  readonly status: Status;
  readonly assignee?: Maybe<string>;
  readonly participants?: readonly string[];
  readonly offer?: Maybe<Offer>;
  /** What it is about, in an operator's words. */
  readonly description?: Maybe<string>;
  readonly category?: Maybe<string>;
  readonly opened_at: string;
  readonly closed_by?: Maybe<Actor>;
  readonly waiting_since?: Maybe<string>;
  readonly unread: number;
  readonly marked_unread: boolean;
  readonly last_message_at?: Maybe<string>;
  readonly last_text?: Maybe<string>;
  readonly last_author?: Maybe<"client" | "us">;
  /** What the last message is where it has no words: `image`, `voice` … */
  readonly last_kind?: Maybe<string>;
  readonly visit?: Maybe<Visit>;
  /** Until when anything but a template goes, where the channel has a reply window. */
  readonly free_text_until?: Maybe<string>;
  readonly contact_id?: Maybe<string>;
  /** The position of its last line. */
  readonly last_position?: number;
  readonly version: number;
}

export interface Actor {
  readonly kind: "operator" | "client" | "service" | "bot" | "console" | "system";
  readonly id: string;
  readonly name?: Maybe<string>;
}

export interface Reaction {
  /** The address of who reacted, or `us`. */
  readonly by: string;
  readonly emoji: readonly string[];
}

export type Delivery = "queued" | "sent" | "delivered" | "read" | "failed" | "unconfirmed";

/** A line of history: a message, or something that happened to the conversation. */
export interface Line {
  /** A message's id, or an event's. */
  readonly entry_id: string;
  readonly dialog_id: string;
  readonly conversation_id?: Maybe<string>;
  /** Its place in the dialog: microseconds, unique, ascending. */
  readonly position: number;
  /** `message`, or what happened: `conversation.opened`, … */
  readonly kind: string;
  readonly at: string;
  readonly late: boolean;
  readonly direction?: Maybe<"in" | "out">;
  /** `external`: one of us, past us, in the channel's own app. */
  readonly origin?: Maybe<string>;
  readonly reactions?: readonly Reaction[];
  readonly author?: Maybe<Actor>;
  readonly content?: Maybe<Content>;
  /** What it said before it was edited. */
  readonly original?: Maybe<Content>;
  readonly state?: Maybe<Delivery>;
  /** Why it failed: for programs, and in the gateway's words. */
  readonly code?: Maybe<string>;
  readonly words?: Maybe<string>;
  readonly edited_at?: Maybe<string>;
  readonly deleted_at?: Maybe<string>;
  /** What an event says besides: to whom it was assigned. */
  readonly detail?: Maybe<Readonly<Record<string, unknown>>>;
}

export interface Operator {
  readonly operator_id: string;
  readonly login: string;
  readonly name: string;
  readonly public_name: string;
  readonly available: boolean;
  /** The workplace is open on a device. */
  readonly present: boolean;
  readonly disabled: boolean;
  /** A row of the table of statuses. */
  readonly status?: string;
  readonly groups?: readonly string[];
  /** Conversations at once; absent: any number. */
  readonly limit?: Maybe<number>;
  readonly status_on_sign_in?: Maybe<string>;
  readonly status_on_sign_out?: Maybe<string>;
}

export interface Group {
  readonly slug: string;
  readonly name: string;
}

export interface Account {
  /** `channel.account`. */
  readonly account: string;
  readonly channel: string;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly connected: boolean;
  readonly health?: Health;
  readonly health_reason?: Maybe<string>;
  readonly health_until?: Maybe<string>;
  readonly close_untaken?: boolean;
  readonly close_others?: boolean;
  readonly category_required?: boolean;
  /** What may be chosen when one is closed; none: any words. */
  readonly categories?: readonly string[];
  /** Whether what is handed over has to be accepted. */
  readonly handover?: "offer" | "appoint";
  /** When a waiting client's timer is red. */
  readonly max_wait_seconds?: number;
}

/** How many conversations stand in a folder, how many have something unread, in how many the client waits. */
export interface Counter {
  readonly folder: Folder;
  readonly total: number;
  /** There are more than `total`. */
  readonly more?: boolean;
  readonly unread: number;
  readonly waiting: number;
}

/** Of the open conversations of an account. */
export interface AccountCounter {
  readonly account: string;
  readonly total: number;
  readonly unread: number;
  readonly waiting: number;
}

export interface Me {
  readonly operator: Operator;
  readonly rights: readonly Right[];
  /** What the operator may see, as a mark: said again when the live connection resumes. */
  readonly access: string;
  readonly seq: number;
}

export interface Page<T> {
  readonly seq: number;
  readonly items: readonly T[];
  /** The cursor of what follows; absent: that was all. */
  readonly next?: Maybe<string>;
}

export interface HistoryPage {
  readonly seq: number;
  /** Ascending by position. */
  readonly items: readonly Line[];
  /** Whether there is more in the direction asked for. */
  readonly more: boolean;
}

export interface Folders {
  readonly seq: number;
  readonly folders: readonly Counter[];
  /** Those that have any. */
  readonly accounts?: readonly AccountCounter[];
}

/** The answer to a write: the entity as it is afterwards, or `pending` where that cannot be read yet. */
export interface Written {
  readonly pending: boolean;
  readonly seq?: number;
  readonly entity?: string;
  readonly state?: unknown;
}

export interface Delta {
  readonly t: "delta";
  readonly seq: number;
  readonly entity: string;
  readonly id: string;
  readonly what: string;
  readonly version: number;
  /** Null: gone, or out of this operator's sight; to be forgotten. */
  readonly state: unknown;
  /** Of a message: its conversation. */
  readonly parent?: Maybe<string>;
}

/** Somebody writes in a dialog, or stopped; over after ten seconds without another word. */
export interface TypingFrame {
  readonly t: "typing";
  readonly dialog_id: string;
  readonly on: boolean;
  readonly by: "client" | "operator";
  readonly name?: Maybe<string>;
}

export type Frame =
  | { readonly t: "hello"; readonly seq: number; readonly access: string }
  | Delta
  | { readonly t: "head"; readonly seq: number }
  | ({ readonly t: "counters" } & Folders)
  | TypingFrame
  | { readonly t: "late"; readonly late: boolean }
  | { readonly t: "resync"; readonly reason: string; readonly access: string }
  | { readonly t: "bye"; readonly reason: string; readonly retry_after?: Maybe<number> }
  | { readonly t: "pong" };

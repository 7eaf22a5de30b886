// What messages are made of, what channels can do, where a visitor is: the platform's own shapes, as read here.

import type { AddressKind } from "./addresses.ts";
import type { Address, Html, Letter } from "./letters.ts";
import { type Node, parse, plain } from "./marks.ts";

/** Absent and null say the same. */
export type Maybe<T> = T | null | undefined;

/** `pending`: still being fetched; `expired`: its time is over, the bytes are gone. */
export type FileState = "pending" | "stored" | "failed" | "expired";

export interface File {
  readonly attachment_id: string;
  readonly name: string;
  readonly mime_type: string;
  readonly size_bytes?: Maybe<number>;
  readonly width?: Maybe<number>;
  readonly height?: Maybe<number>;
  readonly duration_seconds?: Maybe<number>;
  readonly state: FileState;
  /** Why it failed. */
  readonly words?: Maybe<string>;
}

/** One part of a message; which fields there are follows from `kind`, and kinds may be added. */
export interface Part {
  readonly kind: string;
  readonly text?: Maybe<string>;
  /** Of text: `marks` where it is formatted. */
  readonly format?: string;
  readonly file?: Maybe<File>;
  readonly emoji?: Maybe<string>;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly title?: Maybe<string>;
  readonly address?: Maybe<string>;
  readonly name?: string;
  readonly phones?: readonly string[];
  readonly emails?: readonly string[];
  /** Of what is not supported: what it probably is. */
  readonly words?: Maybe<string>;
  /** Of what is not supported: what came. */
  readonly raw?: unknown;
  /** Of a template. */
  readonly language?: string;
  readonly parameters?: readonly string[];
}

export interface Button {
  readonly kind: string;
  readonly label: string;
  readonly url?: Maybe<string>;
  readonly row?: number;
}

export interface Quote {
  readonly message_id?: Maybe<string>;
  readonly author?: Maybe<string>;
  readonly text?: Maybe<string>;
}

export interface Content {
  readonly parts?: readonly Part[];
  readonly quote?: Maybe<Quote>;
  readonly forwarded_from?: Maybe<{ readonly author?: Maybe<string>; readonly sent_at?: Maybe<string> }>;
  readonly buttons?: readonly Button[];
  /** The client pressed a button of ours. */
  readonly pressed?: Maybe<{ readonly label?: Maybe<string> }>;
  /** A click or a deep link: nothing that somebody wrote. */
  readonly technical?: boolean;
  readonly album_id?: Maybe<string>;
  readonly subject?: Maybe<string>;
  readonly cc?: readonly Address[];
  readonly html?: Maybe<Html>;
  readonly letter?: Maybe<Letter>;
}

/** Lengths in characters, sizes in bytes; what is absent is not possible. */
export interface Capabilities {
  readonly text_length?: number;
  readonly files?: boolean;
  readonly images?: boolean;
  readonly voice?: boolean;
  readonly video?: boolean;
  readonly audio?: boolean;
  readonly quote?: boolean;
  readonly edit?: boolean;
  readonly delete?: boolean;
  readonly typing_out?: boolean;
  /** An operator may begin, by an address of this kind. */
  readonly write_first?: boolean;
  readonly addresses?: AddressKind;
  /** Dialogs are threads with a subject and copies, as in mail. */
  readonly threads?: boolean;
  /** Templates that the provider approved. */
  readonly templates?: boolean;
  /** After the client's last message; later only a template goes. */
  readonly reply_window_hours?: Maybe<number>;
  /** An operator may open a closed conversation again; absent: yes. */
  readonly resume_closed?: boolean;
  /** Handed over only to one whose workplace is open. */
  readonly transfer_needs_presence?: boolean;
  readonly file_bytes?: number;
  readonly image_bytes?: number;
  readonly message_bytes?: number;
  readonly files_per_message?: number;
  /** MIME types or `type/*`; empty: any. */
  readonly file_types?: readonly string[];
}

export type Health = "well" | "degraded" | "down" | "login_needed" | "throttled";

/** Where the visitor of a site is, and came from. */
export interface Visit {
  readonly url?: Maybe<string>;
  readonly title?: Maybe<string>;
  readonly referrer?: Maybe<string>;
  readonly utm?: Readonly<Record<string, string>>;
  readonly language?: Maybe<string>;
  readonly time_zone?: Maybe<string>;
  readonly country?: Maybe<string>;
  readonly city?: Maybe<string>;
  readonly user_agent?: Maybe<string>;
}

/** An address of the client on a channel, and what is known by it. */
export interface Identity {
  readonly channel: string;
  readonly address: string;
  readonly name?: Maybe<string>;
  readonly username?: Maybe<string>;
  readonly phone?: Maybe<string>;
  readonly email?: Maybe<string>;
  readonly profile_url?: Maybe<string>;
  /** The channel or the host page vouches for it; what a form says, nobody does. */
  readonly verified?: boolean;
}

export interface Client {
  readonly identities: readonly Identity[];
  readonly blocked_until?: Maybe<string>;
  readonly block_reason?: Maybe<string>;
}

/** The words of a message without their formatting, or of the template that it is; or an empty string. */
export function textOf(content: Maybe<Content>): string {
  const marked = markedOf(content);
  if (marked !== null) return plain(marked);
  const said = (kind: string): string | null | undefined => content?.parts?.find((part) => part.kind === kind)?.text;
  return said("text") ?? said("template") ?? "";
}

/** The words with their formatting, where they have any. */
export function markedOf(content: Maybe<Content>): readonly Node[] | null {
  const part = content?.parts?.find(({ kind }) => kind === "text");
  return part?.format === "marks" && part.text != null ? parse(part.text) : null;
}

/** What stands beside the words. */
export function othersOf(content: Maybe<Content>): readonly Part[] {
  return (content?.parts ?? []).filter((part) => part.kind !== "text");
}

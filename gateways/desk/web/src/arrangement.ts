// How lines of history stand in a thread: days, things that happened, and messages grouped by who wrote them.

import { type Button, type Content, markedOf, type Maybe, othersOf, type Part, type Quote, textOf } from "./contract.ts";
import type { Node } from "./marks.ts";
import { type Mail, mailOf } from "./letters.ts";
import type { Pending } from "./outbox.ts";
import { isTold } from "./sentences.ts";
import { dayKey } from "./times.ts";
import type { Attachment } from "./uploads.ts";
import type { Delivery, Line, Reaction } from "./wire.ts";

export type Shown = Delivery | "sending" | "saved";

export interface Message {
  readonly key: string;
  readonly text: string;
  /** Its words with their formatting, where they have any. */
  readonly marked: readonly Node[] | null;
  /** What stands beside the words: pictures, files, places … */
  readonly parts: readonly Part[];
  readonly quote: Quote | null;
  readonly beside: Beside;
  readonly reactions: readonly Reaction[];
  /** One of us wrote it in the channel's own app. */
  readonly external: boolean;
  /** What it has as a mail. */
  readonly mail: Mail | null;
  readonly at: string;
  /** Of ours only. */
  readonly state: Shown | null;
  readonly code: string | null;
  readonly words: string | null;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** What it said before it was edited or deleted. */
  readonly original: string;
  readonly late: boolean;
  /** Who wrote it, where that was an operator. */
  readonly operator: string | null;
  /** Its line stands in the history: it can be quoted, changed, sent again. */
  readonly kept: boolean;
}

/** What messengers say of a message beside what it holds. */
export interface Beside {
  /** Who wrote it first, where it was passed on; an empty word: nobody says who. */
  readonly forwarded: string | null;
  readonly buttons: readonly Button[];
  /** The label of the button that the client pressed; an empty word: it has none. */
  readonly pressed: string | null;
  readonly technical: boolean;
  /** Messages of one album stand together. */
  readonly album: string | null;
}

export type Block =
  | { readonly is: "day"; readonly key: string; readonly at: string }
  | { readonly is: "event"; readonly key: string; readonly line: Line }
  | { readonly is: "note"; readonly key: string; readonly line: Line }
  | {
      readonly is: "group";
      readonly key: string;
      readonly side: "in" | "out";
      readonly author: string | null;
      readonly messages: readonly Message[];
    };

/** A line that only operators see. */
export const NOTE = "note";
const GROUP_MS = 5 * 60_000;
/** `me`: the name under which one's own pending replies stand. */
export function arranged(lines: readonly Line[], pending: readonly Pending[], me: string): readonly Block[] {
  const blocks: Block[] = [];
  const known = new Set<string>();
  let subject: string | null = null;
  for (const line of lines) {
    known.add(line.entry_id);
    if (line.kind === "message") {
      const message = messageOf(line, subject);
      subject = message.mail?.subject || subject;
      addMessage(blocks, line.direction === "in" ? "in" : "out", line.author?.name ?? null, message);
    } else if (line.kind === NOTE) {
      addDay(blocks, line.at);
      blocks.push({ is: "note", key: line.entry_id, line });
    } else if (isTold(line.kind)) {
      addDay(blocks, line.at);
      blocks.push({ is: "event", key: line.entry_id, line });
    }
  }
  for (const reply of pending) if (!known.has(reply.id)) addMessage(blocks, "out", me, pendingMessage(reply));
  return blocks;
}

function messageOf(line: Line, subject: string | null): Message {
  const { content } = line;
  const deleted = line.deleted_at != null;
  return {
    key: line.entry_id,
    text: textOf(content),
    marked: markedOf(content),
    parts: othersOf(content),
    quote: content?.quote ?? null,
    beside: besideOf(content),
    reactions: deleted ? [] : (line.reactions ?? []).filter(({ emoji }) => emoji.length > 0),
    external: line.origin === "external",
    mail: deleted ? null : mailOf(content, line.author, subject),
    at: line.at,
    state: line.direction === "in" ? null : (line.state ?? null),
    code: line.code ?? null,
    words: line.words ?? null,
    edited: line.edited_at != null,
    deleted,
    original: textOf(line.original ?? (deleted ? content : null)),
    late: line.late,
    operator: line.author?.kind === "operator" ? line.author.id : null,
    kept: true,
  };
}

function besideOf(content: Maybe<Content>): Beside {
  const { forwarded_from: forwarded, buttons = [], pressed, technical = false, album_id: album } = content ?? {};
  return {
    forwarded: forwarded == null ? null : (forwarded.author ?? ""),
    buttons,
    pressed: pressed == null ? null : (pressed.label ?? ""),
    technical,
    album: album ?? null,
  };
}

function pendingMessage(reply: Pending): Message {
  const { quote } = reply;
  return {
    key: reply.id,
    text: reply.text,
    marked: null,
    parts: [...(reply.template === undefined ? [] : [{ kind: "template", ...reply.template }]), ...(reply.attachments ?? []).map(partOf)],
    quote: quote === undefined ? null : { message_id: quote.id, author: quote.author, text: quote.text },
    beside: besideOf(null),
    reactions: [],
    external: false,
    mail: null,
    at: new Date(reply.at).toISOString(),
    state: reply.state === "waiting" ? "saved" : "sending",
    code: null,
    words: null,
    edited: false,
    deleted: false,
    original: "",
    late: false,
    operator: null,
    kept: false,
  };
}

/** Messages one after the other, those of one album together; what was taken back stands alone. */
export function albumsIn(messages: readonly Message[]): readonly (readonly Message[])[] {
  const runs: Message[][] = [];
  for (const message of messages) {
    const last = runs.at(-1);
    const { album } = message.beside;
    const before = last?.[0];
    const joins = album !== null && before?.beside.album === album && !message.deleted && !before.deleted;
    if (last !== undefined && joins) last.push(message);
    else runs.push([message]);
  }
  return runs;
}

/** An upload as the part that it becomes. */
function partOf(attachment: Attachment): Part {
  const { kind, ...said } = attachment;
  return { kind, file: { ...said, state: "stored" } };
}

function addMessage(blocks: Block[], side: "in" | "out", author: string | null, message: Message): void {
  addDay(blocks, message.at);
  const last = blocks.at(-1);
  const before = last?.is === "group" ? last.messages.at(-1) : undefined;
  const near = before !== undefined && Math.abs(Date.parse(message.at) - Date.parse(before.at)) < GROUP_MS;
  if (last?.is === "group" && near && last.side === side && last.author === author) {
    blocks[blocks.length - 1] = { ...last, messages: [...last.messages, message] };
  } else {
    blocks.push({ is: "group", key: message.key, side, author, messages: [message] });
  }
}

function addDay(blocks: Block[], at: string): void {
  const last = blocks.at(-1);
  const before = last === undefined ? null : momentOf(last);
  if (before === null || dayKey(before) !== dayKey(at)) blocks.push({ is: "day", key: `day ${at}`, at });
}

function momentOf(block: Block): string {
  if (block.is === "day") return block.at;
  if (block.is === "event" || block.is === "note") return block.line.at;
  return block.messages.at(-1)!.at;
}

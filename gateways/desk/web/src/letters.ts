// What a mail has beside its words: subject, people, what it quotes, notes, and where it can be seen whole.

import { copiesIn, typed } from "./addresses.ts";
import type { Content, File, Maybe } from "./contract.ts";
import type { Line } from "./wire.ts";
import type { Words } from "./words/index.ts";

export interface Address {
  readonly address: string;
  readonly name?: Maybe<string>;
}

export interface Html {
  readonly attachment_id: string;
  readonly size_bytes: number;
}

/** Kinds and marks may be added: those without words here are not shown. */
export interface Letter {
  readonly kind?: string;
  readonly to?: readonly Address[];
  readonly reply_to?: readonly Address[];
  readonly quoted?: Maybe<string>;
  readonly signature?: Maybe<string>;
  readonly raw?: Maybe<File>;
  readonly marks?: readonly string[];
}

/** A mail as it stands in the thread. */
export interface Mail {
  readonly subject: string;
  /** Not the subject of the mail before: it is shown. */
  readonly fresh: boolean;
  readonly kind: string;
  readonly marks: readonly string[];
  /** The client's; of ours, the account's own is not told. */
  readonly from: Address | null;
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly quoted: string;
  readonly signature: string;
  /** It can be seen as it was drawn. */
  readonly html: boolean;
  readonly raw: File | null;
}

export interface Person {
  readonly kind: string;
  readonly id: string;
  readonly name?: Maybe<string>;
}

const PREFIX = /^\s*(?:(?:re|aw|sv|antw|ref|fwd?|wg|отв|ответ|на|пер|пересл)(?:\[\d+\]|\(\d+\))?\s*:|\[[^\]]{1,20}\])/iu;

/** A subject for comparing: without what programs put before it. */
export function bare(subject: string): string {
  let rest = subject;
  for (let found = PREFIX.exec(rest); found !== null; found = PREFIX.exec(rest)) rest = rest.slice(found[0].length);
  return rest.trim().replace(/\s+/gu, " ").toLowerCase();
}

/** `before`: the subject of the mail before, null where there is none. None for what is no mail. */
export function mailOf(content: Maybe<Content>, author: Maybe<Person>, before: string | null): Mail | null {
  const { subject, cc, html, letter } = content ?? {};
  if (letter == null && html == null && (subject == null || subject === "")) return null;
  const said = subject ?? "";
  return {
    subject: said,
    fresh: said !== "" && (before === null || bare(before) !== bare(said)),
    kind: letter?.kind ?? "message",
    marks: letter?.marks ?? [],
    from: author?.kind === "client" && author.id.includes("@") ? { address: author.id, name: author.name } : null,
    to: letter?.to ?? [],
    cc: cc ?? [],
    replyTo: letter?.reply_to ?? [],
    quoted: letter?.quoted ?? "",
    signature: letter?.signature ?? "",
    html: html != null,
    raw: letter?.raw ?? null,
  };
}

/** "Anna Petrova <anna@mail.example>". */
export function addressed({ address, name }: Address): string {
  return name == null || name === "" || name === address ? address : `${name} <${address}>`;
}

/** What an operator should know of it, what matters most first; `grave`: look twice before you believe it. */
export function notesOf(mail: Mail, words: Words["letters"]): readonly { key: string; text: string; grave: boolean }[] {
  const kinds: Readonly<Record<string, string>> = words.kinds;
  const marks: Readonly<Record<string, string>> = words.marks;
  const all = [
    ...(Object.hasOwn(kinds, mail.kind) ? [{ key: mail.kind, text: kinds[mail.kind]!, grave: false }] : []),
    ...mail.marks
      .filter((mark) => Object.hasOwn(marks, mark))
      .map((mark) => ({ key: mark, text: marks[mark]!, grave: GRAVE.has(mark) })),
  ];
  return [...all.filter((note) => note.grave), ...all.filter((note) => !note.grave)];
}

const GRAVE: ReadonlySet<string> = new Set(["forged_sender", "other_sender"]);

/** Where the mail is shown as it was drawn; `remote`: pictures from elsewhere, too. */
export function drawnAddress(message: string, remote: boolean, language: string): string {
  return `/api/messages/${message}/html?${new URLSearchParams({ language, ...(remote ? { remote: "true" } : {}) })}`;
}

/** The mail that an answer answers: the last one of the client that no program wrote; else ours, written first. */
export function answered(lines: readonly Line[]): Mail | null {
  let first: Mail | null = null;
  for (const line of [...lines].reverse()) {
    if (line.kind !== "message" || line.deleted_at != null) continue;
    const mail = mailOf(line.content, line.author, null);
    if (line.direction === "out") first = mail !== null && mail.to.length > 0 ? mail : first;
    else if (mail === null || mail.kind === "message") return mail;
  }
  return first;
}

/** What an answer to this mail goes by: its subject, to whom, and who got the mail besides. */
export function answerTo(mail: Mail): { subject: string; to: readonly Address[]; besides: readonly Address[] } {
  const rest = mail.subject.trim().replace(/^(?:(?:re|aw|sv|antw|отв|ответ)(?:\[\d+\]|\(\d+\))?\s*:\s*)+/iu, "");
  const ours = mail.from === null ? mail.to : [mail.from];
  const to = mail.replyTo.length > 0 ? mail.replyTo.slice(0, 1) : ours;
  return { subject: `Re: ${rest}`.trimEnd(), to, besides: mail.cc };
}

/** Subject and copies of an answer as its author wants them, as they are typed. */
export interface Heading {
  readonly subject: string;
  readonly copies: string;
}

export const LONGEST_SUBJECT = 400;

/** What they begin with: who got the mail besides, be it as a copy; our own address is left out by the gateway. */
export function headingOf(mail: Mail): Heading {
  const { subject, to, besides } = answerTo(mail);
  const known = new Set(to.map(({ address }) => address.toLowerCase()));
  const others = mail.from !== null && mail.to.length > 1 ? [...mail.to, ...besides] : besides;
  return { subject, copies: typed(others.filter(({ address }) => !known.has(address.toLowerCase()))) };
}

/** What goes on the mail; null: it cannot. */
export function headed({ subject, copies }: Heading): { subject: string; cc: readonly Address[] } | null {
  const cc = copiesIn(copies);
  return cc === null || subject.length > LONGEST_SUBJECT ? null : { subject: subject.trim(), cc };
}

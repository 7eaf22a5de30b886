// What is owed to the gateway. A message is kept before it is sent, and repeated under the same id, in order, until
// it is acknowledged; the gateway recognises repeats.

import type { Entry, FileRef, Quote } from "./frames.ts";
import type { Kept, Unsent } from "./kept.ts";
import type { Link } from "./link.ts";

export interface Refused extends Unsent {
  words: string;
}

export class Outbox {
  /** Messages that were refused for good, with the reason; until the page is left. */
  refused: Refused[] = [];
  /** Written on this connection or before, and not acknowledged to this tab: another tab may forget it earlier. */
  private readonly written = new Map<string, Unsent>();
  private repeating: ReturnType<typeof setTimeout> | undefined;
  private readonly kept: Kept;
  private readonly link: Link;

  constructor(kept: Kept, link: Link) {
    this.kept = kept;
    this.link = link;
  }

  /** Messages that are not acknowledged, of this and of other tabs, oldest first. */
  unsent(entries: readonly Entry[]): Unsent[] {
    const known = new Set(entries.map((entry) => entry.cid));
    const kept = this.kept.unsent;
    const elsewhere = [...this.written.values()].filter((one) => !kept.some((other) => other.cid === one.cid));
    return [...elsewhere, ...kept].filter((one) => !known.has(one.cid));
  }

  post(text: string, files: FileRef[], quote: Quote | undefined, sticker: string | undefined): void {
    const one: Unsent = { cid: newId(), text, at: new Date().toISOString() };
    if (sticker) one.sticker = { emoji: sticker };
    if (files.length) one.files = files;
    if (quote) one.quote = quote;
    this.kept.keep(one);
    if (this.link.state === "online" && this.repeating === undefined) this.write(one);
  }

  /** Everything that is not acknowledged, again and in order. */
  repeat(entries: readonly Entry[]): void {
    this.lost();
    if (this.link.state === "online") for (const one of this.unsent(entries)) this.write(one);
  }

  /** Nothing is written for so many seconds. */
  pause(seconds: number, repeat: () => void): void {
    this.repeating ??= setTimeout(repeat, seconds * 1000);
  }

  /** The connection is gone: the next one repeats. */
  lost(): void {
    clearTimeout(this.repeating);
    this.repeating = undefined;
  }

  /** The message as this tab wrote it. */
  acknowledged(cid: string): Unsent | undefined {
    const one = this.written.get(cid);
    this.forget(cid);
    return one;
  }

  settle({ cid }: Entry): void {
    if (cid !== undefined) this.forget(cid);
  }

  /** Whether the message was one of ours. */
  refuse(cid: string, words: string, entries: readonly Entry[]): boolean {
    const one = this.unsent(entries).find((unsent) => unsent.cid === cid);
    this.forget(cid);
    if (one) this.refused = [...this.refused, { ...one, words }];
    return one !== undefined;
  }

  takeRefused(cid: string): Refused | undefined {
    const one = this.refused.find((refused) => refused.cid === cid);
    this.refused = this.refused.filter((refused) => refused !== one);
    return one;
  }

  clear(): void {
    this.written.clear();
    this.refused = [];
  }

  private forget(cid: string): void {
    this.kept.forget(cid);
    this.written.delete(cid);
  }

  private write(one: Unsent): void {
    this.written.set(one.cid, one);
    const { cid, files, quote, sticker } = one;
    const frame = {
      t: "msg",
      cid,
      text: one.text || undefined,
      files: files?.map(({ id }) => id),
      quote: quote?.seq,
      sticker: sticker?.emoji,
    };
    if (this.link.send(frame)) this.link.expectAnswer();
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

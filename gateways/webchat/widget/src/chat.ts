// The visitor's chat: what is shown, and what is owed to the gateway. A message is kept before it is sent, and
// repeated under the same id, in order, until it is acknowledged; the gateway recognises repeats.

import type { Entry, Frame } from "./frames.ts";
import { Kept, type Unsent } from "./kept.ts";
import { Link, type LinkState } from "./link.ts";
import { Mailbox } from "./mailbox.ts";

export interface Refused extends Unsent {
  words: string;
}

export class Chat {
  readonly mailbox = new Mailbox();
  readonly kept: Kept;
  readonly link: Link;
  /** Words of the gateway about what is wrong now. */
  notice: string | null = null;
  /** Messages that were refused for good, with the reason; until the page is left. */
  refused: Refused[] = [];
  limit = 4000;
  welcomed = false;
  /** Written on this connection or before, and not acknowledged to this tab: another tab may forget it earlier. */
  private readonly written = new Map<string, Unsent>();
  private repeating: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly site: string;
  private readonly language: string;

  constructor(url: string, site: string, language: string) {
    this.site = site;
    this.language = language;
    this.kept = new Kept(site);
    this.link = new Link(url, {
      hello: () => this.hello(),
      heard: (frame) => this.heard(frame),
      changed: (state) => this.changed(state),
    });
    this.kept.onChange((name) => this.elsewhere(name));
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Messages that are not acknowledged, of this and of other tabs, oldest first. */
  get unsent(): Unsent[] {
    const known = new Set(this.mailbox.entries.map((entry) => entry.cid));
    const kept = this.kept.unsent;
    const elsewhere = [...this.written.values()].filter((one) => !kept.some((other) => other.cid === one.cid));
    return [...elsewhere, ...kept].filter((one) => !known.has(one.cid));
  }

  /** How many of ours the visitor has not seen. */
  get unseen(): number {
    return this.mailbox.entries.filter((entry) => entry.from !== "client" && entry.seq > this.kept.seen).length;
  }

  seen(): void {
    const last = this.mailbox.entries.at(-1)?.seq ?? 0;
    if (last > this.kept.seen) {
      this.kept.seen = last;
      this.tell();
    }
  }

  say(text: string): void {
    const one = { cid: newId(), text, at: new Date().toISOString() };
    this.kept.keep(one);
    if (this.link.state === "online" && this.repeating === undefined) this.write(one);
    this.tell();
  }

  private hello(): object {
    const { href, search } = location;
    const utm: Record<string, string> = {};
    for (const [name, value] of new URLSearchParams(search)) if (name.startsWith("utm_")) utm[name] = value;
    return {
      t: "hello",
      site: this.site,
      token: this.kept.token,
      last_seq: this.mailbox.lastSeq,
      lang: this.language,
      tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
      page: { url: href, title: document.title, referrer: document.referrer, utm },
    };
  }

  private heard(frame: Frame): void {
    switch (frame.t) {
      case "welcome":
        this.welcomed = true;
        this.notice = null;
        this.kept.token = frame.token;
        this.limit = frame.limits.text;
        this.mailbox.welcome(frame.seq, frame.history);
        for (const entry of frame.history) this.settle(entry);
        this.repeat();
        break;
      case "ack":
        this.acknowledged(frame);
        break;
      case "msg":
        this.mailbox.add(frame);
        this.settle(frame);
        break;
      case "err":
        this.refusal(frame);
        break;
      case "bye":
        this.link.pauseFor(frame.retry_after);
        break;
      case "pong":
        return;
    }
    this.tell();
  }

  private acknowledged(frame: Frame & { t: "ack" }): void {
    const one = this.written.get(frame.cid);
    if (one) this.mailbox.add({ seq: frame.seq, id: frame.id, from: "client", text: one.text, at: frame.at, cid: frame.cid });
    this.forget(frame.cid);
    this.notice = null;
    if (this.unsent.length) this.link.expectAnswer();
  }

  private settle(entry: Entry): void {
    if (entry.cid !== undefined) this.forget(entry.cid);
  }

  private refusal(frame: Frame & { t: "err" }): void {
    const one = this.unsent.find((unsent) => unsent.cid === frame.cid);
    if (frame.retry_after !== undefined) {
      this.notice = frame.words;
      this.link.pauseFor(frame.retry_after);
      this.repeating ??= setTimeout(() => this.repeat(), frame.retry_after * 1000);
    } else if (one) {
      this.forget(one.cid);
      this.refused.push({ ...one, words: frame.words });
    } else {
      this.notice = frame.words;
      if (!this.welcomed) this.link.stop();
    }
  }

  /** Everything that is not acknowledged, again and in order. */
  private repeat(): void {
    clearTimeout(this.repeating);
    this.repeating = undefined;
    if (this.link.state === "online") for (const one of this.unsent) this.write(one);
  }

  private forget(cid: string): void {
    this.kept.forget(cid);
    this.written.delete(cid);
  }

  private write(one: Unsent): void {
    this.written.set(one.cid, one);
    if (this.link.send({ t: "msg", cid: one.cid, text: one.text })) this.link.expectAnswer();
  }

  private changed(state: LinkState): void {
    if (state !== "online") {
      clearTimeout(this.repeating);
      this.repeating = undefined;
    }
    this.tell();
  }

  /** Another tab changed what is kept: a visitor who is new in both tabs becomes one. */
  private elsewhere(name: string): void {
    if (name === "token" && this.link.state === "online" && !this.mailbox.entries.length) this.link.drop();
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

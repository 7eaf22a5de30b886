// The visitor's chat: what is shown, what the gateway says, and what is said to it.

import { allowSound, chime } from "./chime.ts";
import { Errands } from "./errands.ts";
import type { Entry, FileRef, Frame, Limits, Quote, Site, User, Welcome } from "./frames.ts";
import { hello } from "./hello.ts";
import type { Happenings } from "./interface.ts";
import { type Contact, Kept, type Unsent } from "./kept.ts";
import { type Addresses, Link, type LinkState } from "./link.ts";
import { Mailbox, ours } from "./mailbox.ts";
import { Outbox } from "./outbox.ts";
import { onPage, page } from "./page.ts";
import { Receipts } from "./receipts.ts";
import { isSticker } from "./text.ts";
import { Typing } from "./typing.ts";
import { Uploads } from "./uploads.ts";
import type { Words } from "./words.ts";

export interface Door extends Addresses {
  files: string;
  site: string;
  language: string;
  words: Words;
}

export class Chat {
  readonly mailbox = new Mailbox();
  readonly kept: Kept;
  readonly link: Link;
  readonly outbox: Outbox;
  readonly receipts: Receipts;
  readonly errands: Errands;
  readonly typing: Typing;
  readonly uploads: Uploads;
  /** Words about what is wrong now. */
  notice: string | null = null;
  limits: Limits = { text: 4000 };
  /** What the gateway says of the site; none from a gateway that knows text alone. */
  site: Site | undefined;
  closed = false;
  welcomed = false;
  /** Told of what the host page may hear of. */
  tellPage: <Name extends keyof Happenings>(name: Name, ...told: Happenings[Name]) => void = () => undefined;
  private user: User | undefined;
  private unreadTold = 0;
  private readonly listeners = new Set<() => void>();
  private readonly leaving = new AbortController();
  private readonly door: Door;

  constructor(door: Door) {
    this.door = door;
    const { signal } = this.leaving;
    this.kept = new Kept(door.site);
    this.link = new Link(
      door,
      {
        hello: () => hello(door, this.kept, this.mailbox, this.user),
        heard: (frame) => this.heard(frame),
        changed: (state) => this.changed(state),
      },
      signal,
    );
    this.outbox = new Outbox(this.kept, this.link);
    const mention = (frame: object) => this.mention(frame);
    this.receipts = new Receipts(this.mailbox, this.kept, mention);
    this.errands = new Errands(this.kept, mention);
    const changed = () => this.tell();
    this.typing = new Typing((on) => mention({ t: "typing", on }), changed);
    this.uploads = new Uploads(
      { url: door.files, token: () => this.kept.token, limits: () => this.limits, changed },
      door.words,
    );
    this.kept.onChange((name) => this.elsewhere(name), signal);
    onPage(() => mention({ t: "page", page: page() }), signal);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Messages that are not acknowledged, oldest first. */
  get unsent(): Unsent[] {
    return this.outbox.unsent(this.mailbox.entries);
  }

  /** How many of ours the visitor has not seen. */
  get unseen(): number {
    const { seen } = this.kept;
    return this.mailbox.entries.filter((one) => ours(one) && !one.deleted && one.seq > seen).length;
  }

  get online(): boolean {
    return this.link.state === "online";
  }

  /** Whether the welcome form stands before the messages. */
  get asks(): boolean {
    return !!this.site?.ask?.length && !this.kept.contact && !this.mailbox.entries.some((one) => one.from === "client");
  }

  get sounds(): boolean {
    return !this.kept.silent && this.site?.sound !== false;
  }

  set sounds(on: boolean) {
    this.kept.silent = !on;
    if (on) allowSound();
    this.tell();
  }

  /** The visitor sees everything that is there. */
  seen(): void {
    if (this.receipts.seen()) this.tell();
  }

  say(text: string, files: FileRef[] = [], quote?: Quote): void {
    allowSound();
    this.typing.ended(true);
    this.notice = null;
    const sticker = this.site && !files.length && isSticker(text);
    this.outbox.post(sticker ? "" : text, files, quote, sticker ? text : undefined);
    this.tell();
  }

  /** A refused message once more, as a new one. */
  sayAgain(cid: string): void {
    const one = this.outbox.takeRefused(cid);
    if (one) this.say(one.sticker?.emoji ?? one.text, one.files, one.quote);
  }

  /** Files for the next message; what cannot be sent is told at once. */
  attach(files: Iterable<File>): void {
    this.warn(this.uploads.add(files).join(" "));
  }

  warn(words: string): void {
    this.notice = words || null;
    this.tell();
  }

  /** The welcome form is filled. */
  introduce(contact: Contact): void {
    this.errands.introduce(contact);
    this.tell();
  }

  /** The visitor ends the chat. */
  end(): void {
    this.mention({ t: "close" });
  }

  /** The host page's word of who this is. Another person than before begins a chat of their own. */
  identify(user: User | null): void {
    if (this.kept.user !== null && this.kept.user !== user?.id) this.forgetVisitor();
    this.user = user ?? undefined;
    this.kept.user = user?.id ?? null;
    this.link.renew();
  }

  /** Says something to the gateway that is worth nothing later; whether it was said. */
  mention(frame: object): boolean {
    return this.online && this.site !== undefined && this.link.send(frame);
  }

  leave(): void {
    this.leaving.abort();
    this.listeners.clear();
  }

  private heard(frame: Frame): void {
    switch (frame.t) {
      case "welcome":
        this.greeted(frame);
        break;
      case "ack":
        this.acknowledged(frame);
        break;
      case "msg":
        this.arrived(frame);
        break;
      case "edit":
      case "delete":
      case "seen":
      case "closed":
        this.mailbox.add(frame);
        if (frame.t === "closed") {
          this.closed = true;
          this.typing.heard(false);
        }
        break;
      case "err":
        this.refusal(frame);
        break;
      case "got":
        this.receipts.handed(frame.up_to);
        break;
      case "typing":
        return this.typing.heard(frame.on, frame.name);
      case "bye":
        this.link.pauseFor(frame.retry_after);
        break;
      default:
        if ("seq" in (frame as object)) this.mailbox.add(frame as never); // a newer row: its number counts
        return;
    }
    this.tell();
  }

  private greeted(frame: Welcome): void {
    this.welcomed = true;
    this.notice = null;
    this.kept.token = frame.token;
    this.limits = frame.limits;
    this.site = frame.site;
    this.closed = !!frame.closed;
    if (this.kept.seen > frame.seq) this.kept.seen = this.kept.rung = frame.seq;
    this.mailbox.welcome(frame.seq, frame.history);
    for (const row of frame.history) if (row.t === undefined || row.t === "msg") this.outbox.settle(row);
    this.outbox.repeat(this.mailbox.entries);
    this.receipts.greeted(frame.state);
    this.errands.run();
    this.uploads.resume();
    this.tellPage("ready");
  }

  private acknowledged(frame: Frame & { t: "ack" }): void {
    const one = this.outbox.acknowledged(frame.cid);
    if (one) {
      const { seq, id, at } = frame;
      this.mailbox.add({ ...one, t: "msg", seq, id, at, from: "client" });
    }
    this.notice = null;
    this.closed = false;
    if (this.unsent.length) this.link.expectAnswer();
  }

  private arrived(entry: Entry): void {
    this.outbox.settle(entry);
    if (!this.mailbox.add(entry)) return;
    if (entry.from !== "system") this.closed = false;
    if (!ours(entry)) return;
    this.typing.heard(false);
    this.receipts.got(entry.seq);
    const { from, name, text = "" } = entry;
    this.tellPage("message", { from, text, ...(name !== undefined && { name }) });
    if (!this.sounds || entry.seq <= this.kept.rung) return;
    this.kept.rung = entry.seq;
    if (document.visibilityState === "hidden" || !this.kept.open) chime();
  }

  private refusal(frame: Frame & { t: "err" }): void {
    const { words, cid, retry_after } = frame;
    if (retry_after !== undefined) {
      this.notice = words;
      this.link.pauseFor(retry_after);
      this.outbox.pause(retry_after, () => this.outbox.repeat(this.mailbox.entries));
    } else if (cid === undefined || !this.outbox.refuse(cid, words, this.mailbox.entries)) {
      this.notice = words;
      if (!this.welcomed) this.link.stop();
    }
  }

  private forgetVisitor(): void {
    this.kept.clear();
    this.outbox.clear();
    this.mailbox.clear();
    this.closed = false;
  }

  private changed(state: LinkState): void {
    if (state !== "online") {
      this.outbox.lost();
      this.typing.ended(true);
      this.typing.heard(false);
    }
    this.tell();
  }

  /** Another tab changed what is kept: a visitor who is new in both tabs becomes one. */
  private elsewhere(name: string): void {
    if (name === "token" && this.online && !this.mailbox.entries.length) this.link.drop();
    this.tell();
  }

  private tell(): void {
    const { unseen } = this;
    if (unseen !== this.unreadTold) this.tellPage("unread", (this.unreadTold = unseen));
    for (const listener of this.listeners) listener();
  }
}

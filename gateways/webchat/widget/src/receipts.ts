// Ticks both ways: what has come and what is read, by the visitor (of all tabs) and by the operators.

import type { Progress } from "./frames.ts";
import type { Kept } from "./kept.ts";
import { type Mailbox, ours } from "./mailbox.ts";

export class Receipts {
  private progress: Progress = {};
  /** What this connection has said to be read. */
  private told = 0;
  private readonly mailbox: Mailbox;
  private readonly kept: Kept;
  private readonly mention: (frame: object) => boolean;

  constructor(mailbox: Mailbox, kept: Kept, mention: (frame: object) => boolean) {
    this.mailbox = mailbox;
    this.kept = kept;
    this.mention = mention;
  }

  /** How far the operators are with what the visitor wrote. */
  get reached(): Progress {
    const { read = 0, got = 0 } = this.progress;
    return { read: Math.max(read, this.mailbox.read), got };
  }

  /** A connection: what the gateway knows of the operators, and what it may not know of the visitor. */
  greeted(progress: Progress = {}): void {
    this.progress = progress;
    this.told = 0;
    if (this.last) this.got(this.last);
  }

  got(seq: number): void {
    this.mention({ t: "got", seq });
  }

  /** The visitor's messages up to this one are with the company. */
  handed(seq: number): void {
    const { got = 0 } = this.progress;
    this.progress = { ...this.progress, got: Math.max(got, seq) };
  }

  /** The visitor sees everything that is there; whether there was something new. */
  seen(): boolean {
    const { last, kept } = this;
    const { head } = this.mailbox;
    const news = head > kept.seen;
    if (news) kept.seen = head;
    if (last > this.told && this.mention({ t: "read", seq: last })) this.told = last;
    return news;
  }

  /** The number of the last message of ours. */
  private get last(): number {
    return this.mailbox.entries.filter(ours).at(-1)?.seq ?? 0;
  }
}

// What the gateway is to be told as soon as there is a connection: the welcome form, and what the host page said.

import type { Contact, Kept } from "./kept.ts";

export class Errands {
  private waiting: object[] = [];
  private readonly kept: Kept;
  private readonly mention: (frame: object) => boolean;

  constructor(kept: Kept, mention: (frame: object) => boolean) {
    this.kept = kept;
    this.mention = mention;
  }

  /** The visitor filled the welcome form; kept over reloads until it is told. */
  introduce(contact: Contact): void {
    this.kept.contact = contact;
    this.run();
  }

  /** Something of the host page. */
  pass(frame: object): void {
    this.waiting.push(frame);
    this.run();
  }

  run(): void {
    const { contact } = this.kept;
    if (contact && contact !== true && this.mention({ t: "contact", ...contact })) this.kept.contact = true;
    while (this.waiting[0] && this.mention(this.waiting[0])) this.waiting.shift();
  }
}

// What is being written, per conversation: kept through switching and reload, gone with sending or sign-out.

import { type Signal, signal } from "@preact/signals";
import type { Shelf } from "./storage.ts";

export class Drafts {
  readonly texts: Signal<ReadonlyMap<string, string>>;
  readonly #shelf: Shelf;
  readonly #prefix: string;

  constructor(shelf: Shelf, operator: string) {
    this.#shelf = shelf;
    this.#prefix = `switchboard.draft.${operator}.`;
    const keys = shelf.keys(this.#prefix);
    this.texts = signal(new Map(keys.map((key) => [key.slice(this.#prefix.length), shelf.get(key) ?? ""])));
  }

  of(conversation: string): string {
    return this.texts.value.get(conversation) ?? "";
  }

  write(conversation: string, text: string): void {
    const texts = new Map(this.texts.peek());
    if (text === "") {
      texts.delete(conversation);
      this.#shelf.remove(this.#prefix + conversation);
    } else {
      texts.set(conversation, text);
      this.#shelf.set(this.#prefix + conversation, text);
    }
    this.texts.value = texts;
  }

  /** A reply came back: it stands before what has been written since. */
  giveBack(conversation: string, text: string): void {
    const since = this.texts.peek().get(conversation) ?? "";
    this.write(conversation, since === "" ? text : `${text}\n${since}`);
  }

  clear(): void {
    for (const conversation of this.texts.peek().keys()) this.write(conversation, "");
  }
}

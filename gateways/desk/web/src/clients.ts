// Who the clients are, beside what their conversations say: read when the details are looked at, and again when
// the conversation says that there is more to know.

import { type Signal, signal } from "@preact/signals";
import type { Archive } from "./archive.ts";
import type { Client } from "./contract.ts";
import type { Readings } from "./readings.ts";
import type { Conversation } from "./wire.ts";

export class Clients {
  /** By conversation. */
  readonly known: Signal<ReadonlyMap<string, Client>> = signal(new Map());
  readonly #archive: Archive;
  readonly #readings: Readings;
  readonly #readFor = new Map<string, string>();

  constructor(archive: Archive, readings: Readings) {
    this.#archive = archive;
    this.#readings = readings;
  }

  /** `mark`: reading anew is worth while when this is another one. */
  read({ conversation_id: id }: Conversation, mark: string): void {
    if (this.#readFor.get(id) !== mark) this.#read(id, mark);
  }

  /** Something was changed of the client by hand. */
  again({ conversation_id: id }: Conversation): void {
    this.#read(id, this.#readFor.get(id) ?? "");
  }

  #read(id: string, mark: string): void {
    this.#readings.start(`client ${id}`, async () => {
      this.#readFor.set(id, mark);
      this.known.value = new Map(this.known.peek()).set(id, await this.#archive.client(id));
    });
  }
}

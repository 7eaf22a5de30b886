// Who the clients are, beside what their conversations say: read when the details are looked at, and again when
// the conversation or the feed says that there is more to know; not more often than every few seconds.

import { type Signal, signal } from "@preact/signals";
import type { Archive } from "./archive.ts";
import { withLast } from "./bounded.ts";
import type { Client } from "./contract.ts";
import type { Timers } from "./pauses.ts";
import type { Readings } from "./readings.ts";
import type { Conversation, Delta } from "./wire.ts";

const MOST = 50;
/** The feed's word for a block that was set or ended. */
const CHANGED = "facts";
export const EVERY_MS = 3_000;

interface Read {
  /** What the conversation said when it was read. */
  readonly mark: string;
  readonly at: number;
}

export class Clients {
  /** By conversation. */
  readonly known: Signal<ReadonlyMap<string, Client>> = signal(new Map());
  readonly #archive: Archive;
  readonly #readings: Readings;
  readonly #timers: Timers;
  #read: ReadonlyMap<string, Read> = new Map();
  #forget: () => void = () => undefined;

  constructor(archive: Archive, readings: Readings, timers: Timers) {
    this.#archive = archive;
    this.#readings = readings;
    this.#timers = timers;
  }

  /** `mark`: reading anew is worth while when this is another one. */
  read(conversation: Conversation, mark: string): void {
    const { conversation_id: id } = conversation;
    const read = this.known.peek().has(id) ? this.#read.get(id) : undefined;
    if (read?.mark === mark) return;
    const early = read === undefined ? 0 : read.at + EVERY_MS - this.#timers.now();
    this.#forget();
    if (early <= 0) this.#start(id, mark);
    else this.#forget = this.#timers.after(early, () => this.#start(id, mark));
  }

  /** Something was changed of the client by hand. */
  again({ conversation_id: id }: Conversation): void {
    this.#start(id, this.#read.get(id)?.mark ?? "");
  }

  /** Somebody else may have changed something of a client that is looked at. */
  told({ entity, id, what }: Delta): void {
    if (entity === "conversation" && what === CHANGED && this.known.peek().has(id)) {
      this.#start(id, this.#read.get(id)?.mark ?? "");
    }
  }

  #start(id: string, mark: string): void {
    this.#readings.start(`client ${id}`, async () => {
      this.#read = withLast(this.#read, id, { mark, at: this.#timers.now() }, MOST);
      this.known.value = withLast(this.known.peek(), id, await this.#archive.client(id), MOST);
    });
  }
}

// What the page knows, and what of it is on the screen. In a rush deltas come faster than anybody reads: they change
// what is known one by one and are shown together, at most so often. What one does oneself is shown at once.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Directory, directoryOf, isSame } from "./directory.ts";
import { offersTo } from "./lists.ts";
import { counterOf, type Model } from "./model.ts";
import type { Timers } from "./pauses.ts";
import type { AccountCounter, Counter, Folder } from "./wire.ts";

/** Five times a second. */
export const PAUSE_MS = 200;

export class Showing {
  /** What is on the screen. */
  readonly model: Signal<Model>;
  /** Of it, what changes seldom: whoever looks at this is not drawn anew for every message. */
  readonly directory: ReadonlySignal<Directory>;
  readonly #timers: Timers;
  readonly #counters: ReadonlyMap<Folder, ReadonlySignal<Counter>>;
  readonly #accounts: ReadonlySignal<ReadonlyMap<string, AccountCounter>>;
  readonly #offered: ReadonlySignal<number>;
  #now: Model;
  #shownAt = 0;
  #forget: (() => void) | null = null;

  constructor(model: Model, timers: Timers, folders: readonly Folder[]) {
    this.#now = model;
    this.#timers = timers;
    this.model = signal(model);
    let known = directoryOf(model);
    this.directory = computed(() => {
      const next = directoryOf(this.model.value);
      if (!isSame(known, next)) known = next;
      return known;
    });
    this.#counters = new Map(folders.map((folder) => [folder, computed(() => counterOf(this.model.value, folder))]));
    this.#accounts = computed(() => this.model.value.accountCounters);
    this.#offered = computed(() => offersTo(this.model.value));
  }

  /** What is known, shown or not. */
  get now(): Model {
    return this.#now;
  }

  set now(model: Model) {
    this.#now = model;
    this.#show();
  }

  /** Shown a moment later where something was shown just before. */
  follow(model: Model): void {
    this.#now = model;
    if (this.#forget !== null) return;
    const early = this.#shownAt + PAUSE_MS - this.#timers.now();
    if (early <= 0) this.#show();
    else this.#forget = this.#timers.after(early, () => this.#show());
  }

  counter(folder: Folder): Counter {
    return this.#counters.get(folder)!.value;
  }

  account(account: string): AccountCounter {
    return this.#accounts.value.get(account) ?? { account, total: 0, unread: 0, waiting: 0 };
  }

  /** How many conversations are offered to whoever looks. */
  get offered(): number {
    return this.#offered.value;
  }

  #show(): void {
    this.#forget?.();
    this.#forget = null;
    this.#shownAt = this.#timers.now();
    this.model.value = this.#now;
  }
}

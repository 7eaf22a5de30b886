// What outlives a reload, in this browser. Where storage is denied, it lives as long as the page.

import { type Signal, signal } from "@preact/signals";

export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(prefix: string): readonly string[];
}

export class BrowserShelf implements Shelf {
  readonly #fallback = new MemoryShelf();

  get(key: string): string | null {
    return this.#fallback.get(key) ?? this.#try((storage) => storage.getItem(key), null);
  }

  set(key: string, value: string): void {
    const stored = this.#try((storage) => {
      storage.setItem(key, value);
      return true;
    }, false);
    if (!stored) this.#fallback.set(key, value); // full or denied
  }

  remove(key: string): void {
    this.#fallback.remove(key);
    this.#try((storage) => storage.removeItem(key), undefined);
  }

  keys(prefix: string): readonly string[] {
    const stored = this.#try((storage) => Object.keys(storage).filter((key) => key.startsWith(prefix)), []);
    return [...new Set([...stored, ...this.#fallback.keys(prefix)])].sort();
  }

  #try<T>(act: (storage: Storage) => T, otherwise: T): T {
    try {
      return act(window.localStorage);
    } catch {
      return otherwise;
    }
  }
}

export class MemoryShelf implements Shelf {
  readonly #entries = new Map<string, string>();

  get(key: string): string | null {
    return this.#entries.get(key) ?? null;
  }

  set(key: string, value: string): void {
    this.#entries.set(key, value);
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  keys(prefix: string): readonly string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

/** Something that is on until it is turned off, remembered in this browser. */
export class Switch {
  readonly on: Signal<boolean>;
  readonly #shelf: Shelf;
  readonly #key: string;

  constructor(shelf: Shelf, key: string) {
    this.#shelf = shelf;
    this.#key = key;
    this.on = signal(shelf.get(key) !== "off");
  }

  turn(on: boolean): void {
    this.#shelf.set(this.#key, on ? "on" : "off");
    this.on.value = on;
  }
}

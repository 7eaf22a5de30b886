// What is being written, per dialog: kept through switching and reload in this browser, and on another device by
// the desk. A row of the storage is `{text, saved}`; what is not saved yet is sent a second after the last key
// and wins over what the desk has; what is saved yields to it. Gone with sending; sign-out leaves the desk's.

import { type Signal, signal } from "@preact/signals";
import { Failure } from "./api.ts";
import { pause, type Timers } from "./pauses.ts";
import type { Shelf } from "./storage.ts";

export interface SavedDraft {
  readonly dialog_id: string;
  readonly text: string;
  readonly saved_at?: string;
}

export interface DraftsAway {
  /** Throws `Failure`. */
  keep(dialog: string, text: string): Promise<void>;
  readonly timers: Timers;
}

interface Row {
  readonly text: string;
  readonly saved: boolean;
}

export const PAUSE_MS = 1_000;

export class Drafts {
  readonly texts: Signal<ReadonlyMap<string, string>>;
  readonly #shelf: Shelf;
  readonly #prefix: string;
  readonly #away: DraftsAway | null;
  readonly #rows = new Map<string, Row>();
  readonly #waiting = new Map<string, () => void>();
  readonly #attempts = new Map<string, number>();
  readonly #busy = new Set<string>();

  /** `away`: where they are kept for other devices; null: nowhere else. */
  constructor(shelf: Shelf, prefix: string, away: DraftsAway | null) {
    this.#shelf = shelf;
    this.#prefix = `${prefix}.`;
    this.#away = away;
    for (const key of shelf.keys(this.#prefix)) {
      const row = decoded(shelf.get(key));
      if (row !== null) this.#rows.set(key.slice(this.#prefix.length), row);
    }
    this.texts = signal(this.#shown());
  }

  of(dialog: string): string {
    return this.texts.value.get(dialog) ?? "";
  }

  write(dialog: string, text: string): void {
    if (text === (this.#rows.get(dialog)?.text ?? "")) return;
    this.#put(dialog, { text, saved: this.#away === null });
    if (this.#away !== null) this.#later(dialog, PAUSE_MS);
  }

  /** A reply came back: it stands before what has been written since. */
  giveBack(dialog: string, text: string): void {
    const since = this.texts.peek().get(dialog) ?? "";
    this.write(dialog, since === "" ? text : `${text}\n${since}`);
  }

  /** What the desk has; what is not saved yet stays, and goes there. */
  merge(items: readonly SavedDraft[]): void {
    const said = new Map(items.map(({ dialog_id: dialog, text }) => [dialog, text]));
    for (const [dialog, row] of this.#rows) {
      if (!row.saved) this.#later(dialog, 0);
      else if (!said.has(dialog)) this.#put(dialog, { text: "", saved: true });
    }
    for (const [dialog, text] of said) {
      if (this.#rows.get(dialog)?.saved !== false) this.#put(dialog, { text, saved: true });
    }
  }

  /** The connection is back, or the page is about to be left: what is not saved is sent at once. */
  async hurry(): Promise<void> {
    const unsaved = [...this.#rows].flatMap(([dialog, row]) => (row.saved ? [] : [dialog]));
    await Promise.all(unsaved.map((dialog) => this.#keep(dialog)));
  }

  /** Another page of this browser wrote. */
  noticed(key: string): void {
    if (!key.startsWith(this.#prefix)) return;
    const dialog = key.slice(this.#prefix.length);
    const row = decoded(this.#shelf.get(key));
    if (row === null) this.#rows.delete(dialog);
    else this.#rows.set(dialog, row);
    this.texts.value = this.#shown();
  }

  /** Nothing stays in this browser. */
  clear(): void {
    this.stop();
    for (const key of this.#shelf.keys(this.#prefix)) this.#shelf.remove(key);
    this.#rows.clear();
    this.texts.value = new Map();
  }

  stop(): void {
    for (const forget of this.#waiting.values()) forget();
    this.#waiting.clear();
  }

  #later(dialog: string, milliseconds: number): void {
    this.#waiting.get(dialog)?.();
    this.#waiting.set(dialog, this.#away!.timers.after(milliseconds, () => void this.#keep(dialog)));
  }

  /** One request of a dialog at a time; what is written meanwhile follows. */
  async #keep(dialog: string): Promise<void> {
    const row = this.#rows.get(dialog);
    this.#waiting.get(dialog)?.();
    this.#waiting.delete(dialog);
    if (row === undefined || row.saved || this.#away === null || this.#busy.has(dialog)) return;
    this.#busy.add(dialog);
    try {
      await this.#away.keep(dialog, row.text);
      this.#attempts.delete(dialog);
      const now = this.#rows.get(dialog);
      if (now === row) this.#put(dialog, { ...row, saved: true });
      else if (now?.saved === false && !this.#waiting.has(dialog)) this.#later(dialog, PAUSE_MS);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.passing) this.#again(dialog); // else it stays in this browser only: too long for the desk, or out of sight
    } finally {
      this.#busy.delete(dialog);
    }
  }

  #again(dialog: string): void {
    const attempt = this.#attempts.get(dialog) ?? 0;
    this.#attempts.set(dialog, attempt + 1);
    this.#later(dialog, pause(attempt, this.#away!.timers.random(), 2_000, 60_000));
  }

  /** An empty one is kept until it is saved: the desk has to hear of it. */
  #put(dialog: string, row: Row): void {
    if (row.text === "" && row.saved) {
      this.#rows.delete(dialog);
      this.#shelf.remove(this.#prefix + dialog);
    } else {
      this.#rows.set(dialog, row);
      this.#shelf.set(this.#prefix + dialog, JSON.stringify(row));
    }
    this.texts.value = this.#shown();
  }

  #shown(): ReadonlyMap<string, string> {
    return new Map([...this.#rows].flatMap(([dialog, { text }]) => (text === "" ? [] : [[dialog, text] as const])));
  }
}

function decoded(value: string | null): Row | null {
  if (value === null) return null;
  try {
    const row = JSON.parse(value) as Row;
    return typeof row.text === "string" && typeof row.saved === "boolean" ? row : null;
  } catch {
    return null;
  }
}

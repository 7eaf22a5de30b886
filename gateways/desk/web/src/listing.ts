// Reading lists of conversations, and keeping what the page knows small.

import type { Archive } from "./archive.ts";
import { isWide, keyOf, listOf, type Scope, wide, windowOf } from "./lists.ts";
import { withNarrowed, withPage } from "./model.ts";
import type { Readings } from "./readings.ts";
import type { Showing } from "./showing.ts";
import { MOST_LISTED, tidied } from "./tidying.ts";
import { type Folder, FOLDERS } from "./wire.ts";

/** Deltas between two tidyings. */
const EVERY = 500;

/** What the reader has before their eyes. */
export interface Looking {
  readonly folder: Folder;
  readonly conversation: string | null;
}

export class Listing {
  /** Whether the reader has scrolled down the list. */
  deep = false;
  /** Whether the newest lines of the open thread are in sight. */
  atEnd = true;
  readonly #archive: Archive;
  readonly #readings: Readings;
  readonly #showing: Showing;
  #deltas = 0;

  constructor(archive: Archive, readings: Readings, showing: Showing) {
    this.#archive = archive;
    this.#readings = readings;
    this.#showing = showing;
  }

  /** The first page of a list, or the next one. */
  read(scope: Scope, more = false): void {
    const window = windowOf(this.#showing.now, scope);
    if (more ? window.next === null : window.read) return;
    this.#page(scope, more);
  }

  /** A delta came; now and then what it left behind is forgotten. `busy`: an answer to something is under way. */
  told(looking: Looking, busy: boolean): void {
    this.#deltas += 1;
    if (this.#deltas < EVERY || busy || this.#readings.isReading) return;
    this.#deltas = 0;
    this.#showing.follow(tidied(this.#showing.now, looking.conversation, this.atEnd));
    for (const folder of FOLDERS) {
      if (this.deep && folder === looking.folder) continue;
      if (listOf(this.#showing.now, folder).length > MOST_LISTED) this.#page(wide(folder), false); // its beginning is enough
    }
  }

  #page(scope: Scope, more: boolean): void {
    this.#readings.start(keyOf(scope), async () => {
      const after = more ? windowOf(this.#showing.now, scope).next : null;
      const page = await this.#archive.list(scope, after);
      const { now } = this.#showing;
      this.#showing.now = isWide(scope) ? withPage(now, scope.folder, page, more) : withNarrowed(now, scope, page, more);
    });
  }
}

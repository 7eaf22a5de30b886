// The live connection may be cut anywhere: after resume the model equals one made of a fresh snapshot.
//
// A small archive is changed at random by a seed; a page reads snapshots and pages at random moments, loses
// its connection at random, resumes from the last `seq` it applied, and gets answers late.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as lists from "../src/lists.ts";
import * as models from "../src/model.ts";
import { isStale, linesOf, withAwaited } from "../src/thread.ts";
import type { Conversation, Delta, Folder, Line } from "../src/wire.ts";
import { conversation, delta, line, ME, OTHER, seeded } from "./invented.ts";

const FOLDERS: readonly Folder[] = ["new", "mine", "others", "all", "closed"];
const LIMIT = 4;
const named = (number: number): string => `c${String(number).padStart(3, "0")}`;

/** Which conversations are hidden follows from `hidden`; the feed tells of what left or came into sight. */
class Archive {
  readonly conversations = new Map<string, Conversation>();
  readonly lines = new Map<string, Line>();
  readonly feed: Delta[] = [];
  readonly hidden = new Set<string>();
  #clock = 1000;

  get seq(): number {
    return this.feed.length;
  }

  visible(): Conversation[] {
    return [...this.conversations.values()].filter((item) => !this.hidden.has(item.conversation_id));
  }

  step(random: () => number): void {
    const choice = random();
    const some = [...this.conversations.keys()];
    const id = some[Math.floor(random() * some.length)];
    if (id === undefined || choice < 0.15) this.#open(named(some.length));
    else if (choice < 0.6) this.#write(id, random);
    else if (choice < 0.75) this.#change(id, { assignee: random() < 0.5 ? ME : OTHER, status: "active" });
    else if (choice < 0.85) this.#change(id, { status: "closed" });
    else if (choice < 0.92) this.#hide(id);
    else this.#receipt(random);
  }

  list(folder: Folder, after: string | null, limit: number) {
    const all = this.visible().filter((item) => lists.stands(folder, item, ME));
    all.sort((one, other) => (place(one) < place(other) ? 1 : -1));
    const rest = after === null ? all : all.filter((item) => place(item) < after);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    const next = rest.length > limit && last !== undefined ? place(last) : null;
    return { seq: this.seq, items, next };
  }

  history(dialog: string, before: number | null, limit: number) {
    const all = [...this.lines.values()].filter(
      (item) =>
        item.dialog_id === dialog &&
        !this.hidden.has(item.conversation_id ?? "") &&
        (before === null || item.position < before),
    );
    all.sort((one, other) => one.position - other.position);
    return { seq: this.seq, items: all.slice(-limit), more: all.length > limit };
  }

  #open(id: string): void {
    this.#change(id, conversation(id, { dialog_id: `dialog of ${id}` }));
  }

  #change(id: string, changes: Partial<Conversation>): void {
    const state = { ...conversation(id), ...this.conversations.get(id), ...changes };
    this.conversations.set(id, state);
    if (!this.hidden.has(id)) this.feed.push(delta(this.seq + 1, "conversation", id, state));
  }

  #write(id: string, random: () => number): void {
    this.#clock += 10;
    const late = random() < 0.2;
    const taken = new Set([...this.lines.values()].map((entry) => entry.position));
    let position = late ? this.#clock - 9 - Math.floor(random() * 300) * 10 : this.#clock;
    while (taken.has(position)) position += 1;
    const entry = line(`m${this.lines.size}`, position, { dialog_id: `dialog of ${id}`, conversation_id: id, late });
    this.lines.set(entry.entry_id, entry);
    if (!this.hidden.has(id)) this.feed.push(delta(this.seq + 1, "message", entry.entry_id, entry));
    const at = new Date(Date.UTC(2026, 2, 1) + this.#clock * 1000).toISOString();
    this.#change(id, { last_message_at: at, unread: (this.conversations.get(id)?.unread ?? 0) + 1 });
  }

  #receipt(random: () => number): void {
    const all = [...this.lines.values()];
    const old = all[Math.floor(random() * all.length)];
    if (old === undefined || this.hidden.has(old.conversation_id ?? "")) return;
    const entry: Line = { ...old, state: "read" };
    this.lines.set(entry.entry_id, entry);
    this.feed.push(delta(this.seq + 1, "message", entry.entry_id, entry));
  }

  #hide(id: string): void {
    if (this.hidden.delete(id)) {
      this.feed.push(delta(this.seq + 1, "conversation", id, this.conversations.get(id)));
    } else {
      this.hidden.add(id);
      this.feed.push(delta(this.seq + 1, "conversation", id, null));
    }
  }
}

const place = (item: Conversation): string => `${item.last_message_at} ${item.conversation_id}`;

/** A page: reads and applies, in any order. */
class Reader {
  model = models.emptyModel(ME);
  seq: number;
  readonly #archive: Archive;
  readonly #late = new Map<string, () => void>();

  constructor(archive: Archive) {
    this.#archive = archive;
    this.seq = archive.seq;
  }

  receive(most: number): void {
    for (const frame of this.#archive.feed.slice(this.seq, this.seq + most)) {
      this.model = models.withDelta(this.model, frame);
      this.seq = frame.seq;
    }
  }

  readList(folder: Folder, random: () => number): void {
    const window = this.model.windows[folder];
    if (window.read && window.next === null) return;
    const page = this.#archive.list(folder, window.next, LIMIT);
    this.#answer(folder, random, () => {
      this.model = models.withPage(this.model, folder, page, window.read);
    });
  }

  readThread(dialog: string, random: () => number): void {
    const thread = this.model.threads.get(dialog);
    const older = thread !== undefined && !isStale(thread);
    if (this.#late.has(dialog) || (older && thread.complete)) return;
    this.model = { ...this.model, threads: withAwaited(this.model.threads, dialog) };
    const from = older ? thread.from : null;
    const page = this.#archive.history(dialog, from, LIMIT);
    this.#answer(dialog, random, () => {
      this.model = models.withHistory(this.model, dialog, page, older);
    });
  }

  /** Answers may come after frames that are newer than they; of one thing, one is asked at a time. */
  #answer(key: string, random: () => number, apply: () => void): void {
    if (this.#late.has(key)) return;
    if (random() < 0.4) this.#late.set(key, apply);
    else apply();
  }

  settle(): void {
    for (const apply of this.#late.values()) apply();
    this.#late.clear();
  }
}

function compareWithFresh(archive: Archive, reader: Reader, seed: number): void {
  for (const folder of FOLDERS) {
    const window = reader.model.windows[folder];
    if (!window.read) continue;
    const shown = lists.listOf(reader.model, folder);
    const fresh = archive.list(folder, null, shown.length).items;
    assert.deepEqual(shown, fresh, `list ${folder}, seed ${seed}`);
    if (window.next === null) assert.equal(shown.length, archive.list(folder, null, 1e6).items.length);
  }
  for (const [dialog, thread] of reader.model.threads) {
    if (isStale(thread)) continue;
    const shown = linesOf(thread);
    const fresh = archive.history(dialog, null, thread.complete ? 1e6 : shown.length).items;
    assert.deepEqual(shown, fresh, `thread ${dialog}, seed ${seed}`);
  }
}

test("whatever is cut, repeated or late: after the last frame the page equals a fresh snapshot", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = seeded(seed);
    const archive = new Archive();
    for (let step = 0; step < 20; step += 1) archive.step(random);
    const reader = new Reader(archive);
    for (let step = 0; step < 120; step += 1) {
      archive.step(random);
      const choice = random();
      if (choice < 0.4) reader.receive(Math.floor(random() * 6));
      else if (choice < 0.6) reader.readList(FOLDERS[Math.floor(random() * FOLDERS.length)]!, random);
      else if (choice < 0.8) reader.readThread(`dialog of ${named(Math.floor(random() * 6))}`, random);
      else if (choice < 0.9) reader.settle();
      else reader.seq = Math.max(0, reader.seq - Math.floor(random() * 5)); // resumed from earlier than needed
    }
    reader.settle();
    reader.receive(1e6);
    compareWithFresh(archive, reader, seed);
  }
});

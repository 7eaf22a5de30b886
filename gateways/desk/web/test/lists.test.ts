// Lists that are narrowed, what is forgotten of what nobody looks at, and how often the screen follows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withLast } from "../src/bounded.ts";
import { listIn, listOf, wordsOf } from "../src/lists.ts";
import * as models from "../src/model.ts";
import { PAUSE_MS, Showing } from "../src/showing.ts";
import { linesOf } from "../src/thread.ts";
import { MOST_LINES, MOST_THREADS, tidied } from "../src/tidying.ts";
import { FOLDERS } from "../src/wire.ts";
import { conversation, delta, HandMovedTimers, line, ME } from "./invented.ts";

const page = (seq: number, items: ReturnType<typeof conversation>[], next: string | null = null) => ({ seq, items, next });

test("a narrowed list holds who is of the account and is called so, what comes live as well", () => {
  const scope = { folder: "new", account: "webchat.shop", name: "пет се" } as const;
  const found = conversation("c1", { client_name: "Семён Петров" });
  let model = models.withNarrowed(models.emptyModel(ME), scope, page(5, [found]), false);
  assert.deepEqual(listOf(model, "new"), []); // the whole list has not been read
  model = models.withDelta(model, delta(6, "conversation", "c2", conversation("c2", { client_name: "Сергей ПЕТРЕНКО" })));
  model = models.withDelta(model, delta(7, "conversation", "c3", conversation("c3", { client_name: "Пётр" })));
  const elsewhere = conversation("c4", { client_name: "Семён Петров", account: "mail.shop" });
  model = models.withDelta(model, delta(8, "conversation", "c4", elsewhere));
  assert.deepEqual(listIn(model, scope).map(({ conversation_id: id }) => id), ["c2", "c1"]);
  const another = listIn(model, { ...scope, name: "пе" }); // of one that is not read yet, what is known
  assert.deepEqual(another.map(({ conversation_id: id }) => id), ["c3", "c2", "c1"]);
  assert.deepEqual(wordsOf("Анна-Мария О’Нил, 2Б"), ["анна", "мария", "о", "нил", "2б"]);
});

test("what stands in no list that was read and is not looked at is forgotten", () => {
  let model = models.withPage(models.emptyModel(ME), "new", page(5, [conversation("c1")]), false);
  const closed = (id: string) => conversation(id, { status: "closed" });
  for (const id of ["c2", "c3"]) model = models.withDelta(model, delta(6, "conversation", id, closed(id)));
  model = models.withDelta(model, delta(7, "conversation", "c4", null));
  assert.deepEqual([...tidied(model, "c3", true).conversations.keys()], ["c1", "c3"]);
});

test("of threads the last opened stay, and of their lines the newest, but for what is being read", () => {
  let model = models.withPage(models.emptyModel(ME), "new", page(5, [conversation("c0")]), false);
  const lines = Array.from({ length: MOST_LINES + 40 }, (_, place) => line(`m${place}`, place + 1));
  for (let number = 0; number < MOST_THREADS + 3; number += 1) {
    model = models.withHistory(model, `dialog of c${number}`, { seq: 5, items: lines, more: false }, false);
  }
  const read = tidied(model, "c0", false);
  assert.equal(read.threads.size, MOST_THREADS + 1);
  assert.equal(read.threads.get("dialog of c1"), undefined);
  assert.equal(linesOf(read.threads.get("dialog of c0")).length, MOST_LINES + 40);
  const left = tidied(model, "c0", true).threads.get("dialog of c0")!;
  assert.equal(linesOf(left).length, MOST_LINES);
  assert.deepEqual([left.complete, left.from], [false, 41]); // what is above can be read again
});

test("deltas in a rush are shown together, one's own acts at once", async () => {
  const timers = new HandMovedTimers();
  const showing = new Showing(models.emptyModel(ME), timers, FOLDERS);
  let shown = 0;
  showing.model.subscribe(() => (shown += 1));
  const { value: before } = showing.directory;
  for (let seq = 1; seq <= 5; seq += 1) {
    showing.follow(models.withDelta(showing.now, delta(seq, "conversation", `c${seq}`, conversation(`c${seq}`))));
  }
  assert.deepEqual([shown, showing.model.value.conversations.size, showing.now.conversations.size], [2, 1, 5]);
  await timers.pass(PAUSE_MS);
  assert.deepEqual([shown, showing.model.value.conversations.size], [3, 5]);
  assert.equal(showing.directory.value, before); // no conversation changes it
  showing.follow({ ...showing.now, countersSeq: 9 });
  showing.now = { ...showing.now, countersSeq: 10 };
  assert.equal(showing.model.value.countersSeq, 10);
  await timers.pass(PAUSE_MS);
  assert.equal(timers.waiting, 0);
});

test("a bounded map keeps what was put there last", () => {
  let map: ReadonlyMap<string, number> = new Map();
  for (const [place, key] of ["a", "b", "a", "c"].entries()) map = withLast(map, key, place, 2);
  assert.deepEqual([...map], [["a", 2], ["c", 3]]);
});

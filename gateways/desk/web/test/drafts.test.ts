// Drafts: kept here at once, by the desk a second later, for another device; nothing written is lost to either.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../src/api.ts";
import { Drafts, PAUSE_MS } from "../src/drafts.ts";
import { MemoryShelf } from "../src/storage.ts";
import { HandMovedTimers } from "./invented.ts";

class Desk {
  readonly kept: string[] = [];
  failure: Failure | null = null;

  keep(dialog: string, text: string): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.kept.push(`${dialog}: ${text}`);
    return Promise.resolve();
  }
}

function opened(shelf = new MemoryShelf()) {
  const timers = new HandMovedTimers();
  const desk = new Desk();
  const away = { timers, keep: (dialog: string, text: string) => desk.keep(dialog, text) };
  return { shelf, timers, desk, drafts: new Drafts(shelf, "draft.me", away) };
}

test("what is written is kept a second after the last key, once, and so is that it was sent", async () => {
  const { timers, desk, drafts } = opened();
  drafts.write("d1", "Go");
  await timers.pass(PAUSE_MS - 1);
  drafts.write("d1", "Good day");
  await timers.pass(PAUSE_MS - 1);
  assert.deepEqual(desk.kept, []);
  await timers.pass(1);
  assert.deepEqual(desk.kept, ["d1: Good day"]);
  drafts.write("d1", "");
  await timers.pass(PAUSE_MS);
  assert.deepEqual(desk.kept, ["d1: Good day", "d1: "]);
  assert.equal(timers.waiting, 0);
});

test("after a reload what the desk has not got wins, what it has yields to it", async () => {
  const first = opened();
  first.drafts.write("saved", "old");
  await first.timers.pass(PAUSE_MS);
  first.drafts.write("unsaved", "mine");
  const { timers, desk, drafts } = opened(first.shelf);
  drafts.merge([
    { dialog_id: "saved", text: "newer, from elsewhere" },
    { dialog_id: "unsaved", text: "older" },
    { dialog_id: "other", text: "begun elsewhere" },
  ]);
  await timers.pass(0);
  assert.deepEqual(["saved", "unsaved", "other"].map((dialog) => drafts.of(dialog)), [
    "newer, from elsewhere",
    "mine",
    "begun elsewhere",
  ]);
  assert.deepEqual(desk.kept, ["unsaved: mine"]);
  drafts.merge([{ dialog_id: "unsaved", text: "mine" }]);
  assert.deepEqual([...drafts.texts.value.keys()], ["unsaved"]);
});

test("while the desk is away it waits and tries again; what is refused stays in the browser", async () => {
  const { shelf, timers, desk, drafts } = opened();
  desk.failure = new Failure("unreachable");
  drafts.write("d1", "Good day");
  await timers.pass(PAUSE_MS);
  assert.equal(timers.waiting, 1);
  desk.failure = null;
  await drafts.hurry();
  assert.deepEqual(desk.kept, ["d1: Good day"]);
  desk.failure = new Failure("refused", 422);
  drafts.write("d1", "Far too long");
  await timers.pass(PAUSE_MS);
  assert.equal(timers.waiting, 0);
  assert.equal(new Drafts(shelf, "draft.me", null).of("d1"), "Far too long");
});

test("a reply that came back stands before what was written since; sign-out leaves nothing here", () => {
  const { shelf, drafts } = opened();
  drafts.write("d1", "and more");
  drafts.giveBack("d1", "First");
  assert.equal(drafts.of("d1"), "First\nand more");
  drafts.clear();
  assert.deepEqual(shelf.keys(""), []);
});

// A thread is a window that ends at the newest line and grows upwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, type Threads, withAwaited, withLatest, withLine, withOlder } from "../src/thread.ts";
import { line } from "./invented.ts";

const DIALOG = "dialog of c1";
const entries = (threads: Threads): string[] => linesOf(threads.get(DIALOG)).map((item) => item.entry_id);
const opened = (): Threads =>
  withLatest(new Map(), DIALOG, { seq: 10, items: [line("m3", 300), line("m4", 400)], more: true });

test("a dialog that was never opened takes no lines", () => {
  assert.equal(withLine(new Map(), "m1", line("m1", 1), 5).size, 0);
});

test("what changes while a dialog is being read is not lost to the answer", () => {
  let threads = withLine(withAwaited(new Map(), DIALOG), "m5", line("m5", 500), 11);
  assert.deepEqual(entries(threads), []);
  threads = withLatest(threads, DIALOG, { seq: 10, items: [line("m4", 400)], more: true });
  assert.deepEqual(entries(threads), ["m4", "m5"]);
});

test("a new line stands at its place, an older page above", () => {
  let threads = withLine(opened(), "m5", line("m5", 500), 11);
  threads = withOlder(threads, DIALOG, { seq: 12, items: [line("m1", 100), line("m2", 200)], more: false });
  assert.deepEqual(entries(threads), ["m1", "m2", "m3", "m4", "m5"]);
  assert.equal(threads.get(DIALOG)?.complete, true);
});

test("a late line inside the window is shown, one above it waits for its page", () => {
  let threads = withLine(opened(), "late", line("late", 350), 11);
  threads = withLine(threads, "above", line("above", 50), 12);
  assert.deepEqual(entries(threads), ["m3", "late", "m4"]);
  threads = withOlder(threads, DIALOG, { seq: 13, items: [line("above", 50)], more: false });
  assert.deepEqual(entries(threads), ["above", "m3", "late", "m4"]);
});

test("a late line above all others of a complete thread is shown", () => {
  let threads = withLatest(new Map(), DIALOG, { seq: 10, items: [line("m3", 300)], more: false });
  threads = withLine(threads, "first", line("first", 50), 11);
  assert.deepEqual(entries(threads), ["first", "m3"]);
});

test("a line changes in place; an older state of it does not come back", () => {
  let threads = withLine(opened(), "m4", line("m4", 400, { direction: "out", state: "read" }), 12);
  threads = withLine(threads, "m4", line("m4", 400, { direction: "out", state: "sent" }), 11);
  assert.equal(linesOf(threads.get(DIALOG)).at(-1)?.state, "read");
  threads = withOlder(threads, DIALOG, { seq: 10, items: [line("m4", 400, { state: "queued" })], more: true });
  assert.equal(linesOf(threads.get(DIALOG)).at(-1)?.state, "read");
});

test("a line that the page already had is not added by its own delta", () => {
  const threads = withLine(opened(), "above", line("above", 350), 9);
  assert.deepEqual(entries(threads), ["m3", "m4"]);
});

test("reading anew keeps what is newer than the answer", () => {
  let threads = withLine(opened(), "m5", line("m5", 500), 14);
  threads = withLatest(threads, DIALOG, { seq: 13, items: [line("m4", 400)], more: true });
  assert.deepEqual(entries(threads), ["m4", "m5"]);
});

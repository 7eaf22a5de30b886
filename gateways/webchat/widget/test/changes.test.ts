import assert from "node:assert/strict";
import { test } from "node:test";

import type { Entry, Row } from "../src/frames.ts";
import { lines } from "../src/lines.ts";
import { Mailbox } from "../src/mailbox.ts";

const AT = new Date(1_800_000_000_000).toISOString();

function said(seq: number, from: Entry["from"], more: Partial<Entry> = {}): Row {
  return { t: "msg", seq, id: `id-${seq}`, from, text: `text ${seq}`, at: AT, ...more };
}

function mailbox(...rows: Row[]): Mailbox {
  const made = new Mailbox();
  made.welcome(0, []);
  for (const row of rows) made.add(row);
  return made;
}

test("an edit changes the words, in whatever order the rows come", () => {
  const edit: Row = { t: "edit", seq: 3, of: 1, text: "better", at: AT };
  for (const rows of [
    [said(1, "operator"), said(2, "client"), edit],
    [edit, said(2, "client"), said(1, "operator")],
  ]) {
    const [first, second] = mailbox(...rows).entries;
    assert.deepEqual([first?.text, first?.edited], ["better", true]);
    assert.deepEqual([second?.text, second?.edited], ["text 2", undefined]);
  }
});

test("every row counts for the place to resume from, also one of a kind that we do not know", () => {
  const box = mailbox(said(1, "operator"), { t: "delete", seq: 2, of: 1, at: AT }, { t: "newer", seq: 3 } as never);
  assert.equal(box.lastSeq, 3);
  assert.equal(box.head, 3);
  assert.equal(box.entries.length, 1);
});

test("of a deleted message nothing is left but its place", () => {
  const file = { id: "f", name: "a.png", mime: "image/png", size: 1, kind: "image" } as const;
  const box = mailbox(said(1, "operator", { name: "Anna", files: [file], quote: { text: "q" } }), {
    t: "delete",
    seq: 2,
    of: 1,
    at: AT,
  });
  box.add({ t: "edit", seq: 3, of: 1, text: "too late", at: AT });
  assert.deepEqual(box.entries, [{ seq: 1, id: "id-1", from: "operator", at: AT, name: "Anna", deleted: true }]);
});

test("changes of what is older than the history change nothing", () => {
  const box = mailbox({ t: "edit", seq: 1, of: 0, text: "x", at: AT }, { t: "delete", seq: 2, of: 0, at: AT });
  assert.deepEqual(box.entries, []);
});

test("ticks: sent, delivered, read up to a number", () => {
  const box = mailbox(said(1, "client"), said(2, "client"), said(3, "client"), { t: "seen", seq: 4, up_to: 1 });
  assert.equal(box.read, 1);
  const ticks = lines(box.entries, [], [], { read: box.read, got: 2 }).map((line) => line.tick);
  assert.deepEqual(ticks, ["read", "delivered", "sent"]);
});

test("an ending is a line of its own that says who ended it", () => {
  const box = mailbox(said(1, "client"), { t: "closed", seq: 2, by: "client", at: AT });
  const [, ending] = lines(box.entries, [], []);
  assert.deepEqual([ending?.from, ending?.closed, ending?.text], ["system", "client", ""]);
});

test("another visitor begins with nothing", () => {
  const box = mailbox(said(1, "client"));
  box.clear();
  assert.deepEqual([box.entries, box.lastSeq, box.head], [[], null, 0]);
});

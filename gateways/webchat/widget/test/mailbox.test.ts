import assert from "node:assert/strict";
import { test } from "node:test";

import type { Entry } from "../src/frames.ts";
import { lines } from "../src/lines.ts";
import { Mailbox } from "../src/mailbox.ts";

function entry(seq: number, from: Entry["from"] = "operator"): Entry {
  return { seq, id: `id-${seq}`, from, text: `text ${seq}`, at: new Date(1_800_000_000_000 + seq * 1000).toISOString() };
}

test("an acknowledgement ahead of a gap does not move the place to resume from", () => {
  const mailbox = new Mailbox();
  mailbox.welcome(2, [entry(1), entry(2)]);
  mailbox.add(entry(4, "client"));
  assert.equal(mailbox.lastSeq, 2);
  mailbox.add(entry(3));
  assert.equal(mailbox.lastSeq, 4);
  assert.deepEqual(
    mailbox.entries.map((one) => one.seq),
    [1, 2, 3, 4],
  );
});

test("a repeat is shown once", () => {
  const mailbox = new Mailbox();
  mailbox.welcome(0, []);
  assert.equal(mailbox.add(entry(1)), true);
  assert.equal(mailbox.add(entry(1)), false);
  assert.equal(mailbox.entries.length, 1);
});

test("a long history begins where the gateway begins", () => {
  const mailbox = new Mailbox();
  mailbox.welcome(70, [entry(69), entry(70)]);
  assert.equal(mailbox.lastSeq, 70);
});

test("a mailbox restored from an older state replaces ours", () => {
  const mailbox = new Mailbox();
  mailbox.welcome(5, [entry(4), entry(5)]);
  mailbox.welcome(2, [entry(1), entry(2)]);
  assert.equal(mailbox.lastSeq, 2);
  assert.equal(mailbox.entries.length, 2);
});

test("who speaks is said once for a run, and what waits stands last", () => {
  const at = new Date(1_800_000_000_000 + 9000).toISOString();
  const all = lines([entry(1), entry(2), entry(3, "client")], [{ cid: "c", text: "kept", at }], []);
  assert.deepEqual(
    all.map((one) => [one.first, one.last, one.state]),
    [
      [true, false, "sent"],
      [false, true, "sent"],
      [true, true, "sent"],
      [true, true, "pending"],
    ],
  );
  assert.equal(all[0]?.newDay, true);
});

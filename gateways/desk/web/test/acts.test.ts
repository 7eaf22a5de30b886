// What may be done with a conversation, by which keys, and how long a client may wait.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ActName, mayDo } from "../src/acts.ts";
import { isActive, NO_FILTER, passes, scopeOf } from "../src/filters.ts";
import { isTo, timeLeft } from "../src/offers.ts";
import { digitOf, keysOf, shortcutOf } from "../src/shortcuts.ts";
import { patienceOf } from "../src/waits.ts";
import type { Account, Conversation, Right } from "../src/wire.ts";
import { account, conversation, ME, offer, OTHER } from "./invented.ts";

const OPERATOR: readonly Right[] = ["take", "reply", "close", "others.read"];
const SUPERVISOR: readonly Right[] = [
  ...OPERATOR,
  "others.reply",
  "others.close",
  "others.transfer",
  "appoint",
  "contacts.block",
];

interface Asked {
  readonly rights?: readonly Right[];
  readonly of?: Partial<Conversation>;
  readonly at?: Partial<Account>;
}

function may({ rights = OPERATOR, of = {}, at = {} }: Asked): readonly ActName[] {
  const place = { viewer: ME, groups: ["sales"], rights, conversation: conversation("c1", of), account: account(at) };
  return [...mayDo(place)];
}

test("an operator takes from New, hands over what is theirs, and leaves alone what is another's", () => {
  assert.deepEqual(may({}), ["accept", "close", "describe"]);
  const mine = { status: "active", assignee: ME } as const;
  assert.deepEqual(may({ of: mine }), ["transfer", "give_back", "close", "unread", "describe", "participants"]);
  const theirs = { status: "active", assignee: OTHER } as const;
  assert.deepEqual(may({ of: theirs }), []);
  assert.deepEqual(may({ of: { ...theirs, participants: [ME] } }), ["describe", "participants", "leave"]);
  assert.deepEqual(may({ of: { status: "closed", assignee: ME } }), ["resume"]);
  assert.deepEqual(may({ rights: ["reply"] }), ["describe"]);
});

test("a supervisor does it for others too", () => {
  const theirs = { status: "active", assignee: OTHER, contact_id: "k1" } as const;
  const all = ["transfer", "appoint", "take_over", "give_back", "close", "describe", "participants", "block"];
  assert.deepEqual(may({ rights: SUPERVISOR, of: theirs }), all);
});

test("the account decides about closing and resuming", () => {
  assert.deepEqual(may({ at: { close_untaken: false } }), ["accept", "describe"]);
  const theirs = { status: "active", assignee: OTHER } as const;
  assert.equal(may({ rights: SUPERVISOR, of: theirs, at: { close_others: false } }).includes("close"), false);
  assert.deepEqual(may({ of: { status: "closed" }, at: { capabilities: { resume_closed: false } } }), []);
});

test("an offer is answered by whom it is made to, and recalled by who made it", () => {
  const toMe = { status: "active", assignee: OTHER, offer: offer({ operator_id: ME }) } as const;
  assert.deepEqual(may({ of: toMe }), ["accept", "decline"]);
  assert.deepEqual(may({ of: { ...toMe, offer: offer({ group: "sales" }) } }), ["accept", "decline"]);
  const byMe = { status: "active", assignee: ME, offer: offer({ operator_id: OTHER, by: ME }) } as const;
  assert.deepEqual(may({ of: byMe }).slice(0, 2), ["recall", "give_back"]);
  const elsewhere = { status: "offered", offer: offer({ operator_id: OTHER, by: null }) } as const;
  assert.deepEqual(may({ of: elsewhere }), ["close", "describe"]);
  assert.equal(isTo(null, ME, ["sales"]), false);
});

test("an offer has as much time as is left, or no end", () => {
  const until = "2026-03-01T10:01:00Z";
  assert.equal(timeLeft(offer({ until }), Date.parse(until) - 1500), 1500);
  assert.equal(timeLeft(offer({ until }), Date.parse(until) + 1), 0);
  assert.equal(timeLeft(offer(), 0), null);
});

test("keys are those of the place on the keyboard, with Alt alone, on a Mac with Control", () => {
  const pressed = (code: string, more = {}) => ({
    ...{ code, altKey: true, ctrlKey: false, metaKey: false, shiftKey: false },
    ...more,
  });
  assert.equal(shortcutOf(pressed("KeyT")), "transfer");
  assert.equal(shortcutOf(pressed("KeyT", { ctrlKey: true })), null);
  assert.equal(shortcutOf(pressed("KeyT", { altKey: false })), null);
  assert.equal(shortcutOf(pressed("KeyZ")), null);
  assert.equal(digitOf(pressed("Digit3")), "3");
  assert.equal(digitOf(pressed("Digit0")), null);
  assert.equal(keysOf("transfer"), "Alt+T");
  assert.equal(shortcutOf(pressed("KeyL"), true), null); // it writes @ there
  assert.equal(shortcutOf(pressed("KeyL", { ctrlKey: true }), true), "list");
  assert.equal(keysOf("transfer", true), "Control+Alt+T");
  assert.equal(keysOf("block"), null);
});

test("who waits is green, then amber, then red, by what the account allows", () => {
  assert.deepEqual([0, 149_999, 150_000, 299_999, 300_000].map((waited) => patienceOf(waited, 300)), [
    "calm",
    "calm",
    "soso",
    "soso",
    "over",
  ]);
  assert.equal(patienceOf(60_000, 60), "over");
  assert.equal(patienceOf(299_000, undefined), "soso");
});

test("a filter passes what has all that is asked for", () => {
  const waiting = conversation("c1", { status: "active", assignee: OTHER, waiting_since: "2026-03-01T10:00:00Z" });
  const filter = { operator: OTHER, account: "webchat.shop", unanswered: true, name: "" };
  assert.equal(passes(waiting, filter), true);
  assert.equal(passes(waiting, { ...filter, operator: ME }), false);
  assert.equal(passes({ ...waiting, waiting_since: null }, filter), false);
  assert.equal(passes({ ...waiting, status: "closed" }, filter), false);
  assert.deepEqual([isActive(NO_FILTER), isActive(filter)], [false, true]);
  assert.equal(isActive({ ...NO_FILTER, name: " a " }), false); // one letter finds everybody
  assert.deepEqual(scopeOf("new", { ...filter, name: " an" }), { folder: "new", account: "webchat.shop", name: "an" });
});

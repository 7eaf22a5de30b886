// Writing first: who is reached by what, through which accounts; subject and copies of an answer by mail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { copiesIn, fits, typed } from "../src/addresses.ts";
import { failureOf } from "../src/api.ts";
import type { Capabilities } from "../src/contract.ts";
import { beginning, mayBegin, openWith, reached } from "../src/firsts.ts";
import { answered, answerTo, headed, headingOf, type Mail } from "../src/letters.ts";
import { emptyModel, type Model, withConversation } from "../src/model.ts";
import { bodyOf } from "../src/replying.ts";
import type { Account, Line } from "../src/wire.ts";
import { Writing } from "../src/writing.ts";
import { conversation } from "./invented.ts";

const MAIL: Capabilities = { write_first: true, addresses: "email", threads: true };
const PHONES: Capabilities = { write_first: true, addresses: "phone" };
const IDS: Capabilities = { write_first: true, addresses: "id" };

function account(channel: string, capabilities: Capabilities, more: Partial<Account> = {}): Account {
  return { account: `${channel}.main`, channel, name: channel, capabilities, connected: true, ...more };
}

function known(...accounts: readonly Account[]): Model {
  const kept = new Map(accounts.map((one) => [one.account, { seq: 1, state: one }] as const));
  return { ...emptyModel("me"), accounts: kept };
}

test("only accounts that are connected, well and can begin are offered", () => {
  const offered = beginning(
    known(
      account("talk", PHONES),
      account("email", MAIL),
      account("gone", MAIL, { connected: false }),
      account("ill", MAIL, { health: "login_needed" }),
      account("slow", IDS, { health: "throttled" }),
      account("site", {}),
      account("older", { write_first: true }),
    ),
  );
  assert.deepEqual(offered.map(({ channel }) => channel), ["email", "slow", "talk"]);
  assert.equal(mayBegin(["take", "reply"]), true);
  assert.equal(mayBegin(["reply"]), false);
});

test("an address looks as its channel wants it", () => {
  for (const [kind, said, is] of [
    ["phone", " +7 (900) 123-45-67", true],
    ["phone", "8 900 123-45-67", true],
    ["phone", "0049 30 1234567", true],
    ["phone", "123-45-67", false],
    ["phone", "anna@mail.example", false],
    ["email", "anna@mail.example", true],
    ["email", "anna@mail.example, boris@mail.example", false],
    ["id", "@anna", true],
    ["id", " ", false],
    ["id", "two\nlines", false],
    ["none", "@anna", false],
  ] as const) {
    assert.equal(fits(kind, said), is, said);
  }
});

test("somebody is reached by what is known of them", () => {
  const anna = { channel: "talk", address: "79001234567", email: "anna@mail.example" };
  assert.equal(reached(anna, account("talk", PHONES)), "+79001234567");
  assert.equal(reached({ ...anna, phone: "+7900" }, account("sms", PHONES)), "+7900");
  assert.equal(reached(anna, account("sms", PHONES)), null);
  assert.equal(reached(anna, account("email", MAIL)), "anna@mail.example");
  assert.equal(reached({ channel: "email", address: "b@mail.example" }, account("email", MAIL)), "b@mail.example");
  assert.equal(reached(anna, account("email", IDS)), null);
  assert.equal(reached(anna, account("talk", {})), null);
});

test("what is open with somebody is found, but for threads", () => {
  const one = conversation("c1", { contact_id: "p1", account: "talk.main" });
  const model = withConversation(known(), "c1", one, 5);
  assert.equal(openWith(model, "p1", account("talk", PHONES))?.conversation_id, "c1");
  assert.equal(openWith(model, "p2", account("talk", PHONES)), null);
  assert.equal(openWith(model, "p1", account("sms", PHONES)), null);
  assert.equal(openWith(model, "p1", account("talk", MAIL)), null);
  const closed = withConversation(model, "c1", { ...one, status: "closed" }, 6);
  assert.equal(openWith(closed, "p1", account("talk", PHONES)), null);
});

test("copies are read as they are typed", () => {
  const boss = { address: "boss@mail.example", name: "The boss" };
  const both = [boss, { address: "b@mail.example" }];
  assert.deepEqual(copiesIn(' "The boss" <boss@mail.example>; b@mail.example,'), both);
  assert.equal(typed(both), "The boss <boss@mail.example>, b@mail.example");
  assert.deepEqual(copiesIn(typed([{ address: "a@mail.example", name: "Petrova, Anna" }])), [{ address: "a@mail.example" }]);
  assert.deepEqual(copiesIn(""), []);
  assert.equal(copiesIn("b@mail.example, nobody"), null);
  assert.equal(copiesIn("The boss <boss>"), null);
});

const LETTER: Mail = {
  subject: "RE: A lamp",
  fresh: true,
  kind: "message",
  marks: [],
  from: { address: "anna@mail.example" },
  to: [{ address: "help@shop.example" }],
  cc: [{ address: "boss@mail.example" }],
  replyTo: [],
  quoted: "",
  signature: "",
  html: false,
  raw: null,
};

test("the heading of an answer begins as it would be, and goes as it stands", () => {
  assert.deepEqual(headingOf(LETTER), { subject: "Re: A lamp", copies: "boss@mail.example" });
  const toMany = { ...LETTER, to: [...LETTER.to, { address: "Anna@mail.example" }, { address: "c@mail.example" }] };
  assert.equal(headingOf(toMany).copies, "help@shop.example, c@mail.example, boss@mail.example");
  assert.deepEqual(headed({ subject: " New ", copies: "" }), { subject: "New", cc: [] });
  assert.equal(headed({ subject: "New", copies: "nobody" }), null);
  assert.equal(headed({ subject: "a".repeat(401), copies: "" }), null);
});

test("the heading goes with the reply and comes back with it", () => {
  const writing = new Writing();
  const heading = { subject: "New", copies: "c@mail.example" };
  writing.head("c1", heading);
  const reply = { id: "r", conversation: "c1", text: "Hello", at: 1, traceparent: "", ...writing.take("c1") };
  assert.equal(writing.headings.peek().has("c1"), false);
  assert.deepEqual(bodyOf(reply), { id: "r", text: "Hello", subject: "New", cc: [{ address: "c@mail.example" }] });
  writing.giveBack("c1", reply);
  assert.deepEqual(writing.headings.peek().get("c1"), heading);
});

test("until somebody answers, the mail that was written first is gone on with", () => {
  const line = (direction: "in" | "out", to: string[], position: number): Line => ({
    entry_id: `${position}`, dialog_id: "d", position, kind: "message", at: "", late: false, direction,
    author: direction === "in" ? { kind: "client", id: "anna@mail.example" } : { kind: "operator", id: "me" },
    content: { subject: "A lamp", letter: { to: to.map((address) => ({ address })) } },
  });
  const first = line("out", ["anna@mail.example"], 1);
  const ours = answered([first, line("out", [], 2)]);
  assert.deepEqual(answerTo(ours!).to, [{ address: "anna@mail.example" }]);
  assert.deepEqual(answered([first, line("in", ["help@shop.example"], 2), line("out", [], 3)])?.from, { address: "anna@mail.example", name: undefined });
  assert.equal(answered([line("out", [], 2)]), null);
});

test("a refusal leads to the conversation that it names", () => {
  const id = "0199a3c2-0000-7000-8000-000000000001";
  const refusal = (place: string) => failureOf(new Response(null, { status: 409, headers: { "Content-Location": place } }), {});
  assert.equal(refusal(`/api/conversations/${id}`).conversation, id);
  assert.equal(refusal("https://evil.test/").conversation, null);
});

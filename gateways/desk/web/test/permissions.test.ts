// What may be done with a message follows from whose it is, how far it came, and what the channel can.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arranged, type Message } from "../src/arrangement.ts";
import { mayWith, type Standing } from "../src/permissions.ts";
import { clockAt, fieldsOf, languageName, webAddress } from "../src/visits.ts";
import type { Line } from "../src/wire.ts";
import { Writing } from "../src/writing.ts";
import { conversation, line, ME, OTHER } from "./invented.ts";

const STANDING: Standing = {
  viewer: ME,
  rights: ["reply"],
  conversation: conversation("c1", { assignee: ME, status: "active" }),
  capabilities: { quote: true, edit: true, delete: true },
};
const message = (changes: Partial<Line>): Message => {
  const [, group] = arranged([line("m1", 1, changes)], [], "");
  assert(group?.is === "group");
  return group.messages[0]!;
};
const ours = (changes: Partial<Line> = {}): Message =>
  message({ direction: "out", author: { kind: "operator", id: ME }, state: "sent", ...changes });
const may = (one: Message, standing: Partial<Standing> = {}): string =>
  Object.entries(mayWith(one, { ...STANDING, ...standing })).flatMap(([act, is]) => (is ? [act] : [])).join(" ");

test("a message of one's own may be quoted, changed, deleted; another's quoted only", () => {
  assert.equal(may(ours()), "quote change remove");
  assert.equal(may(message({})), "quote");
  assert.equal(may(ours({ author: { kind: "operator", id: OTHER } })), "quote");
});

test("what is on its way, failed or deleted is left alone; what failed is sent again", () => {
  assert.equal(may(ours({ state: "queued" })), "quote");
  assert.equal(may(ours({ state: "failed" })), "repeat");
  assert.equal(may(ours({ state: "failed", content: { parts: [{ kind: "file" }] } })), "");
  assert.equal(may(ours({ deleted_at: "2026-03-01T10:00:00Z" })), "");
  assert.equal(may(ours({ content: { parts: [{ kind: "image" }] } })), "quote remove");
});

test("not in a closed conversation or a colleague's, not without the right or the channel's consent", () => {
  assert.equal(may(ours(), { conversation: conversation("c1", { assignee: ME, status: "closed" }) }), "");
  assert.equal(may(ours(), { conversation: conversation("c1", { assignee: OTHER, status: "active" }) }), "");
  assert.equal(may(ours(), { rights: [] }), "");
  assert.equal(may(ours(), { capabilities: {} }), "");
  assert.equal(may(message({}), { conversation: conversation("c1") }), "quote");
});

test("a quote goes with its reply, and gives way to a change", () => {
  const writing = new Writing();
  writing.quote("c1", { id: "m1", author: "Anna", text: "Hello" });
  assert.equal(writing.take("c1").quote?.id, "m1");
  assert.deepEqual(writing.take("c1"), {});
  writing.change("c1", { id: "m2", before: "a", text: "a" });
  writing.quote("c1", { id: "m1", author: "Anna", text: "Hello" });
  assert.equal(writing.changes.value.size, 0);
});

test("of what a visitor says about the page only web addresses are links, and nothing of it breaks", () => {
  assert.equal(webAddress("https://shop.test/a?b"), "https://shop.test/a?b");
  assert.equal(webAddress("javascript:alert(1)"), null);
  assert.equal(webAddress("nonsense"), null);
  assert.equal(languageName("ru", "en"), "Russian");
  assert.equal(languageName("<b>", "en"), "<b>");
  assert.equal(clockAt("Europe/Moscow", Date.UTC(2026, 0, 1, 9, 5), "ru"), "12:05");
  assert.equal(clockAt("Nowhere/At all", 0, "en"), null);
});

test("of what was filled in under one name the last counts", () => {
  const filled = (id: string, fields: object): Line => line(id, 1, { kind: "dialog.visited", detail: { fields } });
  const lines = [filled("e1", { city: "Riga", cart: "1" }), line("m1", 2), filled("e2", { cart: "2" })];
  assert.deepEqual([...fieldsOf(lines)], [["city", "Riga"], ["cart", "2"]]);
});

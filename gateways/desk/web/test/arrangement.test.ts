// A thread as it stands on the screen: days, events, groups; one's own pending line once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arranged, type Block } from "../src/arrangement.ts";
import type { Pending } from "../src/outbox.ts";
import type { Line } from "../src/wire.ts";
import { line, ME } from "./invented.ts";

const at = (minute: number, day = 1): string => new Date(2026, 2, day, 12, minute).toISOString();
const shape = (blocks: readonly Block[]): string[] =>
  blocks.map((block) => (block.is === "group" ? `${block.side} ${block.messages.length}` : block.is));
const operator = { kind: "operator", id: ME, name: "Olga" } as const;
const out = (id: string, changes: Partial<Line> = {}): Line =>
  line(id, 1, { direction: "out", author: operator, at: at(1), state: "sent", ...changes });
const pending = (id: string, state: Pending["state"] = "sending"): Pending => ({
  id,
  conversation: "c1",
  text: "mine",
  at: Date.parse(at(2)),
  traceparent: "",
  state,
});

test("messages of one author within minutes stand together, another author or a pause parts them", () => {
  const lines = [
    line("m1", 1, { at: at(0) }),
    line("m2", 2, { at: at(1) }),
    line("m3", 3, { at: at(30) }),
    out("m4", { at: at(31) }),
    out("m5", { at: at(32), author: { kind: "operator", id: "other", name: "Pavel" } }),
  ];
  assert.deepEqual(shape(arranged(lines, [], "Olga")), ["day", "in 2", "in 1", "out 1", "out 1"]);
});

test("a day begins with its heading, what happened stands between", () => {
  const lines = [
    line("e1", 1, { kind: "conversation.opened", direction: null, at: at(0) }),
    line("m1", 2, { at: at(0) }),
    line("e2", 3, { kind: "conversation.read", direction: null, at: at(1) }),
    line("m2", 4, { at: at(0, 2) }),
  ];
  assert.deepEqual(shape(arranged(lines, [], "Olga")), ["day", "event", "in 1", "day", "in 1"]);
});

test("a pending reply stands at the end until its line is there, then once", () => {
  const before = arranged([line("m1", 1, { at: at(0) })], [pending("m2", "waiting")], "Olga");
  assert.deepEqual(shape(before), ["day", "in 1", "out 1"]);
  const group = before.at(-1);
  assert.equal(group?.is === "group" && group.messages[0]?.state, "saved");
  const after = arranged([line("m1", 1, { at: at(0) }), out("m2")], [pending("m2")], "Olga");
  assert.deepEqual(shape(after), ["day", "in 1", "out 1"]);
});

test("what stands beside the words is kept, and what was said before", () => {
  const picture = { kind: "image", file: { attachment_id: "f1", name: "a.png", mime_type: "image/png", state: "stored" } } as const;
  const said = (text: string) => ({ parts: [{ kind: "text", text }, picture] });
  const lines = [
    line("m1", 1, { content: said("now"), original: said("before"), edited_at: at(3), at: at(0) }),
    line("m2", 2, { content: said("gone"), deleted_at: at(3), at: at(0) }),
  ];
  const [, group] = arranged(lines, [], "Olga");
  const messages = group?.is === "group" ? group.messages : [];
  assert.deepEqual(messages.map(({ text, original }) => [text, original]), [["now", "before"], ["gone", "gone"]]);
  assert.deepEqual(messages[0]?.parts, [picture]);
});

test("a pending reply shows its files and what it quotes", () => {
  const attachment = { attachment_id: "f1", name: "a.png", mime_type: "image/png", size_bytes: 3, kind: "image" };
  const reply = { ...pending("m2"), attachments: [attachment], quote: { id: "m1", author: "Anna", text: "Hello" } };
  const [, group] = arranged([], [reply], "Olga");
  const message = group?.is === "group" ? group.messages[0] : undefined;
  assert.equal(message?.parts[0]?.file?.state, "stored");
  assert.equal(message?.quote?.message_id, "m1");
});

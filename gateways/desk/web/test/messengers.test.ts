// What messengers bring: albums, buttons, presses, service messages, calls, groups; and how far a message came.

import assert from "node:assert/strict";
import { test } from "node:test";
import { albumsIn, arranged, type Message } from "../src/arrangement.ts";
import type { Content } from "../src/contract.ts";
import { emptyModel } from "../src/model.ts";
import { mayWith } from "../src/permissions.ts";
import { isTold, told } from "../src/sentences.ts";
import type { Line } from "../src/wire.ts";
import { wordsIn } from "../src/words/index.ts";
import { conversation, line, ME } from "./invented.ts";

const en = wordsIn("en");
const messages = (...lines: Line[]): readonly Message[] =>
  arranged(lines, [], "Olga").flatMap((block) => (block.is === "group" ? block.messages : []));
const one = (content: Content, changes: Partial<Line> = {}): Message => messages(line("m1", 1, { content, ...changes }))[0]!;
const picture = { kind: "image", file: { attachment_id: "f", name: "a", mime_type: "image/png", state: "stored" } } as const;
const happened = (kind: string, detail: Record<string, unknown>): string =>
  told(line("e", 1, { kind, detail, direction: null, content: null }), emptyModel(ME), en).text;

test("messages of one album stand together, until one is taken back or another begins", () => {
  const of = (id: string, album_id: string | null, changes: Partial<Line> = {}): Line =>
    line(id, Number(id.slice(1)), { content: { parts: [picture], album_id }, ...changes });
  const gone = of("m4", "a", { deleted_at: "2026-03-01T10:00:00Z" });
  const runs = albumsIn(messages(of("m1", "a"), of("m2", "a"), of("m3", "a"), gone, of("m5", "b"), of("m6", null), of("m7", null)));
  assert.deepEqual(runs.map((run) => run.map(({ key }) => key).join(" ")), ["m1 m2 m3", "m4", "m5", "m6", "m7"]);
});

test("what stands beside the words is told apart", () => {
  const full: Content = {
    parts: [{ kind: "text", text: "Да" }],
    buttons: [{ kind: "reply", label: "Да" }],
    pressed: { label: "Да" },
    technical: true,
    forwarded_from: { author: "Вера" },
  };
  assert.deepEqual(one(full).beside, { buttons: full.buttons, pressed: "Да", technical: true, forwarded: "Вера", album: null });
  assert.deepEqual(one({ forwarded_from: {}, pressed: {} }).beside.forwarded, "");
  assert.deepEqual(one({}).beside, { buttons: [], pressed: null, technical: false, forwarded: null, album: null });
  const seen = one({}, { origin: "external", reactions: [{ by: "v", emoji: [] }, { by: "us", emoji: ["👍"] }] });
  assert.deepEqual([seen.external, seen.reactions.length], [true, 1]);
});

test("a template says what the client reads", () => {
  assert.equal(one({ parts: [{ kind: "template", name: "order", language: "ru", text: "Ждём, полдень" }] }).text, "Ждём, полдень");
});

test("what failed or is not confirmed may be sent again; a file and what another program sent may not", () => {
  const own = { direction: "out", author: { kind: "operator", id: ME } } as const;
  const standing = { viewer: ME, rights: ["reply"], conversation: conversation("c1", { assignee: ME }), capabilities: { edit: true } } as const;
  const may = (content: Content, changes: Partial<Line>) => mayWith(one(content, { ...own, ...changes }), standing);
  const text: Content = { parts: [{ kind: "text", text: "a" }] };
  const template: Content = { parts: [{ kind: "template", name: "order", language: "ru", text: "a" }] };
  assert.equal(may(text, { state: "failed" }).repeat, true);
  assert.equal(may(text, { state: "unconfirmed" }).repeat, true);
  assert.equal(may(template, { state: "failed" }).repeat, true);
  assert.equal(may({ parts: [picture] }, { state: "failed" }).repeat, false);
  assert.equal(may(text, { state: "failed", origin: "external" }).repeat, false);
  assert.deepEqual([text, template].map((content) => may(content, { state: "sent" }).change), [true, false]);
});

test("a call, a press, a rating and who is in a group are told", () => {
  assert.equal(happened("call.happened", { direction: "in", state: "missed" }), "A missed call of the client");
  assert.equal(
    happened("call.happened", { direction: "out", state: "ended", duration_seconds: 61.5 }),
    "A call to the client · 1:01",
  );
  assert.equal(happened("call.happened", { direction: "in", state: "parked" }), "A call of the client");
  assert.equal(happened("message.pressed", { label: "Yes" }), "The client pressed “Yes”");
  assert.equal(happened("message.pressed", {}), "The client pressed a button");
  assert.equal(happened("conversation.rated", { stars: 4 }), "The client’s rating: 4 of 5");
  const people = { joined: [{ address: "7", name: "Vera" }, { address: "8" }], left: [{ address: "9" }], title: "Lamps" };
  assert.equal(
    happened("dialog.members_changed", people),
    "Joined the group: Vera, 8 · Left the group: 9 · The group is called “Lamps” now",
  );
  assert.equal(happened("dialog.members_changed", {}), "Who is in the group has changed");
  assert.equal(isTold("dialog.identity_learned"), false);
});

// Colleagues and their statuses, templates, and what happened in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arranged } from "../src/arrangement.ts";
import { colleagues, whyNot } from "../src/colleagues.ts";
import * as models from "../src/model.ts";
import { writtenSince } from "../src/replying.ts";
import { told } from "../src/sentences.ts";
import { FRESH, raised, type StatusRow, withRow } from "../src/statuses.ts";
import { found, ofHotkey, ordered, shelved, type Template, written } from "../src/templates.ts";
import type { Line } from "../src/wire.ts";
import { wordsIn } from "../src/words/index.ts";
import { conversation, line, ME, operator, OTHER } from "./invented.ts";

const STATUSES: readonly StatusRow[] = [
  { slug: "available", name: "Available", name_ru: "Доступен", assigned: true, receives: true, working: true },
  { slug: "break", name: "Break", name_ru: "Перерыв", takes: true, working: true },
  { slug: "off_work", name: "Off work", name_ru: "Не на работе", working: false },
];
const MODEL = models.withStatuses(
  models.withOperators(
    models.emptyModel(ME),
    [
      operator("o1", "Zoe Able"),
      operator("o2", "Boris Volkov", { status: "break" }),
      operator("o3", "Anna Person", { present: false }),
      operator("o4", "Gleb Away", { status: "off_work", present: false }),
      operator("o5", "Gone Person", { disabled: true }),
      operator(ME, "Me Myself"),
      operator(OTHER, "Clara Zimmer"),
    ],
    1,
  ),
  STATUSES,
  1,
);

test("who is at work stands first, then by name; a search meets the beginnings of words", () => {
  const names = (asked: string) => colleagues(MODEL, asked).map((one) => `${one.operator.name} ${one.tone}`);
  assert.deepEqual(names(""), [
    "Clara Zimmer active",
    "Me Myself active",
    "Zoe Able active",
    "Boris Volkov pause",
    "Anna Person active",
    "Gleb Away off",
  ]);
  assert.deepEqual(names("vol bor"), ["Boris Volkov pause"]);
  assert.deepEqual(names("olkov"), []);
});

test("why somebody cannot be given a conversation", () => {
  const item = conversation("c1", { assignee: "o1" });
  const considered = [{ operator_id: OTHER, why: "at_limit", load: 5, limit: 5 }] as const;
  const of = (name: string, needsPresence = false) =>
    whyNot(colleagues(MODEL, name)[0]!, item, needsPresence, { waits: "taken", considered });
  assert.deepEqual(["Zoe", "Boris", "Clara", "Anna"].map((name) => of(name)), [
    "responsible",
    "not_receiving",
    "at_limit",
    null,
  ]);
  assert.equal(of("Anna", true), "absent");
});

test("the table of statuses: a row is changed or added under a slug of its own, and moved up", () => {
  const slugs = (rows: readonly StatusRow[]): string[] => rows.map(({ slug }) => slug);
  const fresh = { ...FRESH, name: "Break!", name_ru: "Ещё перерыв" };
  assert.deepEqual(slugs(withRow(STATUSES, fresh)), ["available", "break", "off_work", "break_2"]);
  assert.equal(withRow([], { ...FRESH, name: "Обед", name_ru: "Обед" })[0]?.slug, "status");
  assert.equal(withRow(STATUSES, { ...STATUSES[1]!, name: "Pause" })[1]?.name, "Pause");
  assert.deepEqual(slugs(raised(STATUSES, "off_work")), ["available", "off_work", "break"]);
  assert.deepEqual(raised(STATUSES, "available"), STATUSES);
});

const template = (id: string, title: string, text: string, more: Partial<Template> = {}): Template => ({
  ...{ template_id: id, owner: null, category: "", title, text },
  ...more,
});
const TEMPLATES = [
  template("t1", "Refund", "In three days", { category: "Money", hotkey: "1" }),
  template("t2", "Greeting", "Good day! The refund is on its way", { owner: ME, hotkey: "1" }),
  template("t3", "Address", "We are in Lamp street"),
];

test("templates: one's own first, found by title before words, from two characters", () => {
  const ids = (all: readonly Template[]): string[] => all.map((one) => one.template_id);
  assert.deepEqual(ids(ordered(TEMPLATES)), ["t2", "t3", "t1"]);
  assert.deepEqual(ids(found(TEMPLATES, "r")), ["t2", "t3", "t1"]);
  assert.deepEqual(ids(found(TEMPLATES, " REFund ")), ["t1", "t2"]);
  assert.deepEqual(ids(found(TEMPLATES, "lamp we")), ["t3"]);
  assert.deepEqual(ids(found(TEMPLATES, "nothing")), []);
  assert.deepEqual(shelved(ordered(TEMPLATES)).map(({ own, category }) => [own, category]), [
    [true, ""],
    [false, ""],
    [false, "Money"],
  ]);
  assert.equal(ofHotkey(TEMPLATES, "1")?.template_id, "t2");
  assert.equal(ofHotkey(TEMPLATES, "2"), null);
  assert.deepEqual(written("Hello  you", "dear", 6, 6), { text: "Hello dear you", cursor: 10 });
});

const by = (id: string, name: string) => ({ kind: "operator", id, name }) as const;
const event = (kind: string, detail: Line["detail"], author: Line["author"] = by(OTHER, "Clara Zimmer")): Line =>
  line("e1", 1, { kind, detail, author, direction: null, content: null });

test("what happened is told in words, with what was said to it", () => {
  const en = wordsIn("en");
  const say = (one: Line) => told(one, MODEL, en);
  const cases: readonly (readonly [Line, string, string | null])[] = [
    [event("conversation.assigned", { assignee: ME, how: "accepted" }, by(ME, "Me")), "You took the conversation", null],
    [
      event("conversation.assigned", { assignee: ME, how: "transferred", former: OTHER, comment: "Please" }, by(ME, "Me")),
      "You accepted the conversation from Clara Zimmer",
      "Please",
    ],
    [event("conversation.assigned", { assignee: ME, how: "appointed" }), "Clara Zimmer made you responsible", null],
    [
      event("conversation.assigned", { assignee: OTHER, how: "distributed" }, { kind: "system", id: "router" }),
      "The conversation was given to Clara Zimmer",
      null,
    ],
    [
      event("conversation.assigned", { assignee: OTHER, how: "taken_over", former: ME }),
      "Clara Zimmer took the conversation over from you",
      null,
    ],
    [
      event("conversation.offered", { offer: { operator_id: ME, comment: "You know lamps" } }),
      "Clara Zimmer offered the conversation to you",
      "You know lamps",
    ],
    [event("conversation.offer_ended", { how: "declined", comment: "Busy" }), "Clara Zimmer declined the offer", "Busy"],
    [
      event("conversation.offer_ended", { how: "expired", offer: { operator_id: ME } }, { kind: "system", id: "router" }),
      "You did not answer the offer in time",
      null,
    ],
    [event("conversation.returned", {}), "Clara Zimmer returned the conversation to New", null],
    [
      event("conversation.participants_changed", { added: [ME, "o1"] }),
      "Clara Zimmer added you, Zoe Able",
      null,
    ],
    [event("conversation.participants_changed", { removed: [OTHER] }), "Clara Zimmer left the conversation", null],
    [event("conversation.described", { description: "A lamp" }), "Clara Zimmer described the conversation:", "A lamp"],
    [
      event("conversation.closed", { how: "by_hand", category: "Delivery" }, by(ME, "Me")),
      "You closed the conversation · category “Delivery”",
      null,
    ],
    [event("conversation.closed", { how: "silence" }, { kind: "system", id: "router" }), "Closed after a long silence", null],
  ];
  for (const [one, text, comment] of cases) assert.deepEqual(say(one), { text, comment });
  const russian = told(event("conversation.assigned", { assignee: ME, how: "appointed" }), MODEL, wordsIn("ru"));
  assert.equal(russian.text, "Назначено: Clara Zimmer → вы");
});

test("notes and what happened stand in the thread; what the page does not know does not", () => {
  const lines = [
    line("n1", 1, { kind: "note", author: by(ME, "Me") }),
    event("conversation.returned", {}),
    line("x1", 3, { kind: "conversation.read", direction: null, content: null }),
  ];
  assert.deepEqual(arranged(lines, [], "Me").map(({ is }) => is), ["day", "note", "event"]);
});

test("what was written meanwhile: by the client or a colleague, after the last line that was seen", () => {
  const lines = [
    line("m1", 10),
    line("m2", 20, { direction: "out", author: by(ME, "Me") }),
    line("m3", 30, { direction: "out", author: by(OTHER, "Clara") }),
    line("e1", 40, { kind: "conversation.read" }),
    line("m4", 50),
  ];
  assert.deepEqual(writtenSince(lines, 10, ME).map(({ entry_id: id }) => id), ["m3", "m4"]);
  assert.deepEqual(writtenSince(lines, null, ME), []);
});

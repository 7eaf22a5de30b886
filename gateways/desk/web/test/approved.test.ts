// Templates of a provider: found, filled in as the client reads them; and until when anything else goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Approved, blanksOf, isFilled, languagesOf, matching, readOf } from "../src/approved.ts";
import { bodyOf } from "../src/replying.ts";
import { isShut, windowOf } from "../src/window.ts";
import { conversation } from "./invented.ts";

const ORDER: Approved = {
  name: "order_ready",
  language: "ru",
  header: "Заказ {{1}}",
  text: "{{2}}, ждём в {{1}}. {{1}} — это время.",
  footer: "Лавка",
  parameters: 4,
  examples: ["17", "полдень", "Вера"],
  buttons: ["Открыть"],
};
const HELLO: Approved = { name: "hello", language: "en", text: "Hello! What can we do?" };
const THANKS: Approved = { name: "hello", language: "de", text: "Danke!" };

test("places are those of the header, the text, the buttons, each with its example", () => {
  const said = blanksOf(ORDER).map(({ where, place, example }) => `${where} ${place} ${example}`.trim());
  assert.deepEqual(said, ["header 1 17", "text 1 полдень", "text 2 Вера", "button 1"]);
  assert.deepEqual(blanksOf(HELLO), []);
});

test("what is filled in stands in its place, by number; what is not, waits", () => {
  const whole = "Заказ 17\n\nВера, ждём в полдень. полдень — это время.\n\nЛавка";
  assert.equal(readOf(ORDER, ["17", " полдень ", "Вера", "x"]), whole);
  assert.equal(readOf(ORDER, ["", "полдень"]), whole.replace("17", "{{1}}").replace("Вера", "{{2}}"));
  assert.equal(isFilled(ORDER, ["17", "полдень", "Вера", " "]), false);
  assert.equal(isFilled(ORDER, ["17", "полдень", "Вера", "o/17"]), true);
  assert.equal(isFilled(HELLO, []), true);
  assert.equal(readOf({ ...HELLO, text: "{{1}} costs {{2}}", parameters: 2 }, ["{{2}}", "$&"]), "{{2}} costs $&");
});

test("they are found by any word of theirs, in a language or in all", () => {
  const all = [ORDER, HELLO, THANKS];
  const names = (query: string, language = ""): string[] => matching(all, query, language).map((one) => `${one.name} ${one.language}`);
  assert.deepEqual(names(""), ["hello de", "hello en", "order_ready ru"]);
  assert.deepEqual(names("ready ЛАВКА"), ["order_ready ru"]);
  assert.deepEqual(names("hello", "en"), ["hello en"]);
  assert.deepEqual(names("what danke"), []);
  assert.deepEqual(languagesOf(all), ["de", "en", "ru"]);
});

test("a template goes instead of words", () => {
  const template = { name: "hello", language: "en", parameters: [] };
  const reply = { id: "r1", conversation: "c1", text: "Hello!", at: 1, traceparent: "" };
  assert.deepEqual(bodyOf({ ...reply, template }), { id: "r1", template });
  assert.deepEqual(bodyOf(reply), { id: "r1", text: "Hello!" });
});

test("the window is open, soon over, over, or was never opened", () => {
  const now = Date.parse("2026-03-01T10:00:00Z");
  const at = (free_text_until: string | null, hours: number | null = 24) =>
    windowOf(conversation("c1", { free_text_until }), { reply_window_hours: hours }, now);
  assert.deepEqual([at("2026-03-01T12:10:00Z")?.is, at("2026-03-01T12:10:00Z")?.left], ["open", 130 * 60_000]);
  assert.equal(at("2026-03-01T10:59:59Z")?.is, "soon");
  assert.equal(at("2026-03-01T10:00:00Z")?.is, "over");
  assert.equal(at(null)?.is, "never");
  assert.equal(at(null, null), null);
  assert.deepEqual([at(null), at("2026-03-01T12:10:00Z"), null].map(isShut), [true, false, false]);
});

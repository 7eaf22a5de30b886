// Both languages say the same things; numbers, times and durations are theirs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "../src/api.ts";
import { channelName, pictureOf } from "../src/channels.ts";
import { traceparent, uuid7 } from "../src/ids.ts";
import { parsed } from "../src/route.ts";
import { brief, dayHeading, duration } from "../src/times.ts";
import { languageOf, wordsIn } from "../src/words/index.ts";

const en = wordsIn("en");
const ru = wordsIn("ru");

test("the reader's choice decides the language, then the browser, then English", () => {
  assert.equal(languageOf("ru", ["en"]), "ru");
  assert.equal(languageOf(null, ["de-DE", "ru-RU", "en"]), "ru");
  assert.equal(languageOf("xx", ["fr"]), "en");
});

/** Names that are the same in both. */
const SAME = new Set(["product", "title", "thread.said", "telegram", "whatsapp", "max", "http"].flatMap((name) => [name, `channels.${name}`]));

test("no phrase is missing or left in the other language", () => {
  const phrases = (words: object, path = ""): [string, string][] =>
    Object.entries(words).flatMap(([key, value]): [string, string][] => {
      if (typeof value === "string") return [[path + key, value]];
      if (typeof value === "function") return [[path + key, String((value as (...all: unknown[]) => unknown)(2, 2, 2))]];
      return phrases(value as object, `${path}${key}.`);
    });
  const english = new Map(phrases(en));
  for (const [key, phrase] of phrases(ru)) {
    assert.notEqual(phrase.trim(), "", key);
    if (!SAME.has(key)) assert.notEqual(phrase, english.get(key), key);
  }
});

test("channels of kin share a picture and a name, one that is not known has its own", () => {
  assert.deepEqual(["telegram_bot", "vk", "auto.ru", "email"].map(pictureOf), ["telegram", "vk", "autoru", "email"]);
  assert.deepEqual(["whatsapp_business", "carrier_pigeon"].map((channel) => channelName(channel, ru)), ["WhatsApp", "carrier_pigeon"]);
});

test("numbers take their forms", () => {
  assert.deepEqual([1, 2, 5, 11, 21].map(ru.thread.fresh), [
    "1 новое сообщение",
    "2 новых сообщения",
    "5 новых сообщений",
    "11 новых сообщений",
    "21 новое сообщение",
  ]);
  assert.deepEqual([1, 2].map(en.thread.fresh), ["1 new message", "2 new messages"]);
});

test("a moment is a time today, then a weekday, then a date", () => {
  const now = new Date(2026, 2, 20, 12, 0).getTime();
  const at = (month: number, day: number, year = 2026): string => new Date(year, month, day, 9, 5).toISOString();
  assert.deepEqual(
    [at(2, 20), at(2, 19), at(2, 2), at(2, 2, 2025)].map((moment) => brief(moment, now, "en")),
    ["09:05", "Thu", "2 Mar", "02/03/25"],
  );
  assert.equal(dayHeading(at(2, 20), now, "ru", ru.time), "Сегодня");
  assert.equal(dayHeading(at(2, 19), now, "ru", ru.time), "Вчера");
});

test("a wait counts seconds, then minutes, then hours", () => {
  const second = 1000;
  assert.equal(duration(42 * second, en.time), "0:42");
  assert.equal(duration(725 * second, en.time), "12:05");
  assert.equal(duration(3 * 3600 * second, ru.time), "3 ч 0 мин");
  assert.equal(duration(53 * 3600 * second, en.time), "2 d 5 h");
  assert.equal(duration(-5 * second, en.time), "0:00");
});

test("ids are UUIDv7 that grow, traces are W3C", () => {
  const ids = Array.from({ length: 100 }, () => uuid7(1_772_000_000_000));
  assert.deepEqual([...ids].sort(), ids);
  assert.match(ids[0]!, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(traceparent(), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test("an address leads to a folder and a conversation, or home", () => {
  const id = "0193aaaa-0000-7000-8000-000000000001";
  assert.deepEqual(parsed(`#/mine/${id}`), { folder: "mine", conversation: id });
  assert.deepEqual(parsed("#/closed"), { folder: "closed", conversation: null });
  assert.deepEqual(parsed("#/nowhere/<script>"), { folder: "new", conversation: null });
});

test("an answer says what to do: sign in, repeat, or read the words", () => {
  const answer = (status: number, body: unknown, signingIn = false) => {
    const failure = failureOf(new Response(null, { status, headers: { "Retry-After": "2" } }), body, signingIn);
    return [failure.kind, failure.code, failure.words];
  };
  const taken = { code: "assigned_to_other", title: "Pavel has it." };
  assert.deepEqual(answer(409, taken), ["refused", "assigned_to_other", "Pavel has it."]);
  assert.deepEqual(answer(401, { code: "unauthenticated" }), ["signed_out", "unauthenticated", ""]);
  assert.deepEqual(answer(401, { code: "wrong_password", title: "Wrong." }, true), ["refused", "wrong_password", "Wrong."]);
  assert.deepEqual(answer(503, { title: "Away.", remedy: "Wait." }), ["unavailable", "", "Away. Wait."]);
  assert.deepEqual(answer(502, undefined), ["unavailable", "", ""]);
});

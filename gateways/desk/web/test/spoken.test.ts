// What gateways wrote in English, in Russian: what a part is, why something failed, and what they put in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arranged } from "../src/arrangement.ts";
import { reasonIn, unstopped } from "../src/reasons.ts";
import { enCodes } from "../src/words/en.codes.ts";
import { ruCodes } from "../src/words/ru.codes.ts";
import { ruGateways } from "../src/words/ru.gateways.ts";
import { line } from "./invented.ts";

const reason = (said: string, code = ""): string => reasonIn(ruGateways, said, code);

test("what a part is is told, the client's own details stay", () => {
  const nouns = {
    "a poll": "опрос",
    "a poll: a gift": "опрос: a gift",
    "an order: 3 × TEA (30 RUB)": "заказ: 3 × TEA (30 RUB)",
    "the client's security code changed: a new telephone, or installed anew":
      "код безопасности клиента изменился: новый телефон или приложение установлено заново",
    "an attachment of the kind 'lamp': Lamp": "вложение вида 'lamp': Lamp",
    "something happened in the chat (a gift)": "что-то произошло в чате (a gift)",
    "a questionnaire of the integrator: lamps": "a questionnaire of the integrator: lamps",
    constructor: "constructor",
  };
  for (const [said, told] of Object.entries(nouns)) assert.equal(ruGateways.noun(said), told);
});

test("a reason is told with what it quotes, as far as anybody here wrote it", () => {
  assert.equal(reason("The client blocked the bot.", "contact_blocked"), "Клиент заблокировал бота.");
  assert.equal(reason("At most 4096 characters go to VK.", "text_too_long"), "В VK уходит самое большее 4096 символов.");
  assert.equal(reason("The file could not be fetched. No answer came in time."), "Файл не удалось получить. Ответ не пришёл вовремя.");
  assert.equal(
    reason("Telegram refuses it: Bad Request: WAT Of 3 parts 2 were sent before.", "refused"),
    "Telegram отказал: Bad Request: WAT Из 3 частей до этого отправлено 2.",
  );
  assert.equal(
    reason("Something is missing in this message. Meta says: (#131008) Lamp", "bad_request"),
    "В этом сообщении чего-то не хватает. Meta сообщает: (#131008) Lamp",
  );
  assert.equal(reason("This channel cannot do it: edit.", "not_possible"), "Этот канал так не умеет: менять сообщения.");
  assert.equal(
    reason("The file could not be fetched. login_needed: MAX does not know the bot's token any more; put a new one into its file"),
    "Файл не удалось получить. MAX больше не знает токена бота: впишите новый в его файл",
  );
});

test("a code speaks where the words are not known, and they stand after it", () => {
  assert.equal(reason("lamp@mail.invalid: 550 No such lamp.", "contact_gone"), "Клиента в этом канале больше нет: lamp@mail.invalid: 550 No such lamp.");
  assert.equal(reason("", "withdrawn"), ruCodes.withdrawn);
  assert.equal(reason("Lamps are out...", "5.1.1"), "Lamps are out...");
  assert.equal(reason("", "toString"), "");
  assert.equal(reasonIn(null, "The client blocked the bot.", "contact_blocked"), "The client blocked the bot.");
  assert.equal(reasonIn(null, "", "withdrawn"), enCodes.withdrawn);
});

test("a message keeps the code of its failure for its words", () => {
  const failed = line("m1", 1, { direction: "out", state: "failed", code: "expired", words: "Lamps are out." });
  const [said] = arranged([failed], [], "Olga").flatMap((block) => (block.is === "group" ? block.messages : []));
  assert.equal(reason(said?.words ?? "", said?.code ?? ""), `${ruCodes.expired}: Lamps are out.`);
});

test("a sentence goes on after a reason without its full stop", () => {
  assert.deepEqual(["No connection (OSError). ", "Lamps...", ""].map(unstopped), ["No connection (OSError)", "Lamps...", ""]);
});

test("long words that come close to a pattern are given up soon", () => {
  const before = performance.now();
  assert.equal(ruGateways.reason(" Of parts".repeat(440)), null);
  assert.equal(ruGateways.reason(" Of parts".repeat(4400)), null);
  assert.ok(performance.now() - before < 500);
});

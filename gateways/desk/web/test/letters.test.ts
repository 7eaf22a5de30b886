// A mail in the thread: whose subject is new, what is noted, to whom an answer goes, and where it is shown whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arranged } from "../src/arrangement.ts";
import type { Content } from "../src/contract.ts";
import { addressed, answered, answerTo, bare, drawnAddress, mailOf, notesOf } from "../src/letters.ts";
import { enLetters } from "../src/words/en.letters.ts";
import { ruLetters } from "../src/words/ru.letters.ts";
import { line } from "./invented.ts";

const anna = { kind: "client" as const, id: "anna@mail.example", name: "Anna" };
const raw = { attachment_id: "r1", name: "mail.eml", mime_type: "message/rfc822", state: "stored" } as const;
const written: Content = {
  parts: [{ kind: "text", text: "Is it broken?" }],
  subject: "Re: A lamp",
  cc: [{ address: "boss@mail.example" }],
  html: { attachment_id: "h1", size_bytes: 9 },
  letter: { to: [{ address: "shop@shop.example", name: "Shop" }], quoted: "> before", signature: "Anna", raw, marks: ["signed"] },
};

test("what is no mail has nothing of one", () => {
  assert.equal(mailOf({ parts: [{ kind: "text", text: "hello" }] }, anna, null), null);
  assert.equal(mailOf(null, null, null), null);
  assert.equal(mailOf({ subject: "", letter: null, html: null }, anna, null), null);
});

test("a subject is shown where it is not the one before, whatever programs put before it", () => {
  const shown = (before: string | null, subject = "Re: A lamp"): boolean | undefined =>
    mailOf({ ...written, subject }, anna, before)?.fresh;
  assert.equal(shown(null), true);
  assert.equal(shown("A lamp"), false);
  assert.equal(shown("RE[2]: НА: Отв:  a   LAMP"), false);
  assert.equal(shown("[shop] Fwd: A lamp"), false);
  assert.equal(shown("A table"), true);
  assert.equal(shown("A lamp", ""), false);
  assert.equal(bare("Reply to nobody"), "reply to nobody");
  assert.equal(bare("Re:"), "");
});

test("a mail is read with everything that it has, and with nothing", () => {
  const mail = mailOf(written, anna, null)!;
  assert.deepEqual(mail.from, { address: "anna@mail.example", name: "Anna" });
  assert.deepEqual(mail.to.map(addressed), ["Shop <shop@shop.example>"]);
  assert.deepEqual(mail.cc.map(addressed), ["boss@mail.example"]);
  assert.deepEqual([mail.quoted, mail.signature, mail.html, mail.raw?.attachment_id], ["> before", "Anna", true, "r1"]);
  const bounce = mailOf({ letter: { kind: "bounce" } }, { kind: "client", id: "unreadable:main" }, null)!;
  assert.deepEqual([bounce.kind, bounce.from, bounce.html, bounce.raw, bounce.subject], ["bounce", null, false, null, ""]);
  assert.equal(mailOf(written, { kind: "operator", id: "o1", name: "Olga" }, null)?.from, null);
});

test("every kind and mark has words in both languages; what is grave comes first, what is unknown is left out", () => {
  const kinds = ["auto_reply", "bulk", "bounce", "delay", "delivery_receipt", "read_receipt", "unreadable"];
  const marks = ["signed", "encrypted", "invitation", "cut", "remote_content", "new_subject", "old_conversation"];
  for (const { letters } of [enLetters, ruLetters]) {
    assert.deepEqual(Object.keys(letters.kinds).sort(), [...kinds].sort());
    assert.deepEqual(Object.keys(letters.marks).sort(), [...marks, "other_sender", "forged_sender"].sort());
  }
  const said = { kind: "bulk", marks: ["signed", "forged_sender", "toString", "of tomorrow", "other_sender"] };
  const notes = notesOf(mailOf({ letter: said }, null, null)!, enLetters.letters);
  assert.deepEqual(
    notes.map(({ key, grave }) => [key, grave]),
    [["forged_sender", true], ["other_sender", true], ["bulk", false], ["signed", false]],
  );
  assert.deepEqual(notesOf(mailOf({ letter: { kind: "constructor" } }, null, null)!, enLetters.letters), []);
});

test("an answer goes to whom the client asked for, else to the client", () => {
  const mail = mailOf(written, anna, null)!;
  assert.deepEqual(answerTo(mail), {
    subject: "Re: A lamp",
    to: [{ address: "anna@mail.example", name: "Anna" }],
    besides: [{ address: "boss@mail.example" }],
  });
  const elsewhere = { ...mail, subject: "Отв: RE: лампа", replyTo: [{ address: "a@b.example" }, { address: "c@d.example" }] };
  assert.deepEqual([answerTo(elsewhere).subject, answerTo(elsewhere).to], ["Re: лампа", [{ address: "a@b.example" }]]);
  assert.equal(answerTo({ ...mail, subject: "" }).subject, "Re:");
});

test("pictures from elsewhere are in the address only when they are asked for", () => {
  assert.equal(drawnAddress("m1", false, "ru"), "/api/messages/m1/html?language=ru");
  assert.equal(drawnAddress("m1", true, "en"), "/api/messages/m1/html?language=en&remote=true");
});

test("what is answered is the client's last mail that no program wrote, and no mail where they chat", () => {
  const person = line("m1", 1, { content: written, author: anna });
  const program = line("m2", 2, { content: { subject: "Away", letter: { kind: "auto_reply" } } });
  const ours = line("m3", 3, { direction: "out", content: { ...written, subject: "Ours" } });
  assert.equal(answered([person, program, ours])?.subject, "Re: A lamp");
  assert.equal(answered([person, line("m4", 4)]), null);
  assert.equal(answered([program]), null);
});

test("in a thread a subject stands once, until another one comes; what is deleted is no mail any more", () => {
  const mail = (id: string, position: number, subject: string) => line(id, position, { content: { ...written, subject } });
  const lines = [
    mail("m1", 1, "A lamp"),
    line("m2", 2, { direction: "out", state: "sent" }),
    mail("m3", 3, "Re: A lamp"),
    mail("m4", 4, "A table"),
    { ...mail("m5", 5, "A chair"), deleted_at: "2026-03-01T10:00:00Z" },
    mail("m6", 6, "A lamp"),
  ];
  const messages = arranged(lines, [], "Olga").flatMap((block) => (block.is === "group" ? block.messages : []));
  assert.deepEqual(
    messages.map(({ key, mail: said }) => [key, said?.fresh ?? null]),
    [["m1", true], ["m2", null], ["m3", false], ["m4", true], ["m5", null], ["m6", true]],
  );
});

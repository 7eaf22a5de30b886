// Templates that go on with what is being written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_SUGGESTED, suggested } from "../src/suggestions.ts";
import type { Template } from "../src/templates.ts";
import { ME } from "./invented.ts";

const template = (id: string, title: string, text: string, own = false): Template => ({
  template_id: id,
  owner: own ? ME : null,
  category: "",
  title,
  text,
});
const ALL = [
  template("t1", "Доставка", "Доставим завтра"),
  template("t2", "Сроки доставки", "Два дня", true),
  template("t3", "Hello", "Good day! How can I help?"),
];
const ids = (text: string): readonly string[] | undefined =>
  suggested(ALL, text)?.templates.map(({ template_id: id }) => id);

test("from two characters of a title's word or of the text, one's own first", () => {
  assert.equal(suggested(ALL, "д"), null);
  assert.deepEqual(ids("до"), ["t2", "t1"]);
  assert.deepEqual(ids("ДОСТАВИ"), ["t1"]);
  assert.equal(suggested(ALL, "авка"), null); // the middle of a word
  assert.equal(suggested(ALL, "доставим завтра"), null); // stands there whole
});

test("the longest piece at the end of the last line decides, and is what a template takes the place of", () => {
  assert.deepEqual(ids("Good day! How"), ["t3"]);
  assert.equal(suggested(ALL, "Good day! How")?.from, 0);
  const text = "Thank you!\nAbout it: good da";
  assert.equal(suggested(ALL, text)?.from, text.indexOf("good"));
  assert.equal(suggested(ALL, "good\nda"), null); // what is on another line was written before
});

test("no more than can be read while writing", () => {
  const many = Array.from({ length: 9 }, (_, place) => template(`t${place}`, `Same ${place}`, "Text"));
  assert.equal(suggested(many, "sa")?.templates.length, MOST_SUGGESTED);
});

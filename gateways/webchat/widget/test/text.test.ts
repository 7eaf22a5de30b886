import assert from "node:assert/strict";
import { test } from "node:test";

import { colours } from "../src/colour.ts";
import { isPicture, isSticker, pieces } from "../src/text.ts";

test("addresses become links without the signs that follow them", () => {
  assert.deepEqual(pieces("See https://a.example/b?c=1, please (http://d.example)."), [
    { text: "See " },
    { text: "https://a.example/b?c=1", href: "https://a.example/b?c=1" },
    { text: "," },
    { text: " please (" },
    { text: "http://d.example", href: "http://d.example" },
    { text: ")." },
  ]);
});

test("nothing but http is a link, and words stay as they are", () => {
  for (const text of ["javascript:alert(1)", "ftp://a.example", "data:text/html,<b>", "<b>no</b>", "", "https://"]) {
    assert.equal(
      pieces(text)
        .map((piece) => piece.text)
        .join(""),
      text,
    );
    assert.ok(pieces(text).every((piece) => piece.href === undefined));
  }
});

test("one to three emoji are a picture", () => {
  for (const text of ["🔥", "👍🏽", "❤️", "👩‍🚀", "😀 😀😀"]) assert.ok(isPicture(text), text);
  for (const text of ["", "5", "ok 👍", "😀😀😀😀", "#"]) assert.ok(!isPicture(text), text);
});

test("one emoji alone is a sticker", () => {
  for (const text of ["🔥", "👍🏽", "❤️", "👩‍🚀"]) assert.ok(isSticker(text), text);
  for (const text of ["", "5", "🔥🔥", "🔥 "]) assert.ok(!isSticker(text), text);
});

test("on the site's colour stand words that can be read", () => {
  assert.equal(colours("#ffd43b")["--on-accent"], "#000");
  assert.equal(colours("#1b2030")["--on-accent"], "#fff");
  assert.deepEqual(colours("red;background:url(x)"), {});
  assert.deepEqual(colours(undefined), {});
});

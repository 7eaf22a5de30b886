import assert from "node:assert/strict";
import { test } from "node:test";

import { refusal } from "../src/uploads.ts";
import { wordsFor } from "../src/words.ts";

const RUSSIAN = wordsFor("ru-RU");
const ENGLISH = wordsFor("de");
const file = (name: string, type: string, size: number) => ({ name, type, size });

test("what does not fit is told in words before it is sent", () => {
  const limits = { text: 4000, file_bytes: 30_000_000, files: 5, types: ["image/*", "application/pdf", ".docx"] };
  const why = (...given: Parameters<typeof file>) => refusal(file(...given), limits, ENGLISH);
  assert.equal(why("a.png", "image/png", 30_000_000), undefined);
  assert.equal(why("a.png", "image/png", 30_000_001), "a.png is too large: at most 30 MB.");
  assert.equal(why("a.pdf", "application/pdf", 1), undefined);
  assert.equal(why("A.DOCX", "", 1), undefined);
  assert.equal(why("a.exe", "application/x-msdownload", 1), "a.exe: files of this type are not taken here.");
  assert.equal(why("a.png", "image/png", 0), "a.png: the file is empty.");
  assert.equal(refusal(file("а.png", "image/png", 3_000_000), { text: 1, file_bytes: 1_500_000 }, RUSSIAN),
    "а.png: слишком большой файл, не больше 1,5 МБ.");
});

test("a gateway without limits for files takes any file", () => {
  assert.equal(refusal(file("a", "", 1 << 30), { text: 4000 }, ENGLISH), undefined);
});

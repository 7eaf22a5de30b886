// Why something failed: the gateway's words in the reader's language, or its code in ours. Pure.

import { enCodes } from "./words/en.codes.ts";
import type { Phrasebook, Phrases } from "./words/phrasebook.ts";

/**
 * `said` is English, and stays so without a book. Words that a book does not know, as a provider's own, stand after
 * what the code says. It is empty where nobody says why.
 */
export function reasonIn(book: Phrasebook | null, said: string, code: string): string {
  const known = book === null ? said : (book.reason(said) ?? "");
  if (known !== "") return known;
  const codes: Phrases = book?.codes ?? enCodes;
  const own = Object.hasOwn(codes, code) ? codes[code]! : "";
  return [own, said].filter((one) => one !== "").join(": ");
}

/** Without the full stop at its end, where a sentence goes on. */
export function unstopped(said: string): string {
  return said.trim().replace(/(?<!\.)\.$/, "");
}

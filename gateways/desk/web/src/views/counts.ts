// A folder's counters in words.

import type { Counter } from "../wire.ts";
import type { Words } from "../words/index.ts";

export function totalOf({ total, more }: Counter): string {
  return more === true ? `${total}+` : String(total);
}

export function countsOf(counter: Counter, words: Words): string {
  if (counter.folder === "closed") return words.folders.total(totalOf(counter));
  return words.folders.counts(totalOf(counter), counter.unread, counter.waiting);
}

// Which rows of the list are chosen, to be moved together; and the filter of the list.

import { signal } from "@preact/signals";
import { type Filter, NO_FILTER } from "../filters.ts";

/** Null: nothing is being chosen. */
export const chosenRows = signal<ReadonlySet<string> | null>(null);
export const MOST_ROWS = 100;

export const filter = signal<Filter>(NO_FILTER);

export function toggleRow(id: string): void {
  const rows = new Set(chosenRows.peek());
  if (!rows.delete(id)) rows.add(id);
  chosenRows.value = rows;
}

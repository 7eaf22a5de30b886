// What operators are doing, by the table of statuses: what a row allows decides how it looks. Pure.

import type { Language } from "./words/index.ts";

export const ALLOWANCES = [
  "assigned",
  "takes",
  "receives",
  "answers",
  "configures",
  "softphone",
  "mobile",
  "calls_out",
  "working",
  "active",
] as const;
export type Allowance = (typeof ALLOWANCES)[number];

export interface StatusRow extends Readonly<Partial<Record<Allowance, boolean>>> {
  readonly slug: string;
  readonly name: string;
  readonly name_ru: string;
}

/** At work and open for more, at work and not, not at work. */
export type Tone = "active" | "pause" | "off";

export function toneOf(row: StatusRow | null): Tone {
  if (row === null || row.working === false) return "off";
  return row.assigned === true || row.receives === true ? "active" : "pause";
}

export function statusName(row: StatusRow, language: Language): string {
  return language === "ru" ? row.name_ru : row.name;
}

export function rowOf(statuses: readonly StatusRow[], slug: string | null | undefined): StatusRow | null {
  return statuses.find((row) => row.slug === slug) ?? null;
}

/** A row that is not in the table yet. */
export const FRESH: StatusRow = { slug: "", name: "", name_ru: "", answers: true, configures: true, working: true };

/** The table with a row changed, or added at the end; a new one gets a slug that no other has. */
export function withRow(rows: readonly StatusRow[], row: StatusRow): readonly StatusRow[] {
  if (row.slug !== "") return rows.map((one) => (one.slug === row.slug ? row : one));
  const plain = row.name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 36);
  const taken = new Set(rows.map(({ slug }) => slug));
  let slug = plain === "" ? "status" : plain;
  for (let number = 2; taken.has(slug); number += 1) slug = `${plain === "" ? "status" : plain}_${number}`;
  return [...rows, { ...row, slug }];
}

/** The table with a row one place higher; the first is the usual one. */
export function raised(rows: readonly StatusRow[], slug: string): readonly StatusRow[] {
  const here = rows.findIndex((row) => row.slug === slug);
  if (here <= 0) return rows;
  return [...rows.slice(0, here - 1), rows[here]!, rows[here - 1]!, ...rows.slice(here + 1)];
}

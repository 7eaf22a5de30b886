// Where a visitor is and came from, as words: addresses are links only where they are web addresses.

import type { Line } from "./wire.ts";
import type { Visit } from "./contract.ts";
import { LOCALES } from "./times.ts";
import type { Language } from "./words/index.ts";

export const FILLED_IN = "dialog.visited";

/** What the visitor filled in, or the page told of; of the same name, the last. */
export function fieldsOf(lines: readonly Line[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const { kind, detail } of lines) {
    if (kind !== FILLED_IN) continue;
    for (const [name, value] of Object.entries(detail?.["fields"] ?? {})) fields.set(name, String(value));
  }
  return fields;
}

/** The address as a link may have it; null: shown, but not to be pressed. */
export function webAddress(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** `ru-RU` → "Russian (Russia)"; what is no language stays as it came. */
export function languageName(tag: string, reader: Language): string {
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The clock where the visitor is; null for a zone that nobody knows. */
export function clockAt(zone: string, now: number, reader: Language): string | null {
  try {
    const format = new Intl.DateTimeFormat(LOCALES[reader], { hour: "2-digit", minute: "2-digit", timeZone: zone });
    return format.format(now);
  } catch {
    return null;
  }
}

export function placeOf(visit: Visit, reader: Language): string {
  const { city, country } = visit;
  return [city, country == null ? null : countryName(country, reader)].filter((one) => one != null).join(", ");
}

function countryName(code: string, reader: Language): string {
  try {
    return new Intl.DisplayNames([reader], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

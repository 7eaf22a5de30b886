// Sizes of files and lengths of recordings, as people read them.

import type { Language } from "./words/index.ts";

const UNITS: Readonly<Record<Language, readonly [string, string, string]>> = {
  en: ["B", "KB", "MB"],
  ru: ["Б", "КБ", "МБ"],
};

/** `640 B`, `12 KB`, `1.5 MB`. */
export function sized(bytes: number, language: Language): string {
  const [single, kilo, mega] = UNITS[language];
  if (bytes < 1000) return `${bytes} ${single}`;
  const large = bytes >= 1_000_000;
  const value = bytes / (large ? 1_000_000 : 1000);
  const digits = value < 10 && large ? 1 : 0;
  return `${value.toLocaleString(language, { maximumFractionDigits: digits })} ${large ? mega : kilo}`;
}

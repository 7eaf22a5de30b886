// Which language is spoken, and its words.

import { en, type Words } from "./en.ts";
import { ru } from "./ru.ts";

export type { Words } from "./en.ts";
export type Language = "en" | "ru";
export const LANGUAGES: readonly Language[] = ["ru", "en"];
export const NAMES: Readonly<Record<Language, string>> = { en: "English", ru: "Русский" };

const DICTIONARIES: Readonly<Record<Language, Words>> = { en, ru };

export function wordsIn(language: Language): Words {
  return DICTIONARIES[language];
}

/** The reader's choice, else the first of the browser's languages that we speak, else English. */
export function languageOf(chosen: string | null, preferred: readonly string[]): Language {
  if (chosen === "en" || chosen === "ru") return chosen;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "en" || language === "ru") return language;
  }
  return "en";
}

/** What a message is where it has no words. */
export function kindWords(kind: string, words: Words): string {
  const { kinds } = words;
  return Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : kinds.message;
}

// Moments in the reader's own zone and language. The server's clock orders; this machine's only shows.

import type { Language, Words } from "./words/index.ts";

export const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", ru: "ru-RU" };
const made = new Map<string, Intl.DateTimeFormat>();

type Shape = "clock" | "weekday" | "day" | "date" | "longDay" | "longDate" | "whole";
const SHAPES: Readonly<Record<Shape, Intl.DateTimeFormatOptions>> = {
  clock: { hour: "2-digit", minute: "2-digit" },
  weekday: { weekday: "short" },
  day: { day: "numeric", month: "short" },
  date: { day: "2-digit", month: "2-digit", year: "2-digit" },
  longDay: { weekday: "long", day: "numeric", month: "long" },
  longDate: { day: "numeric", month: "long", year: "numeric" },
  whole: { dateStyle: "long", timeStyle: "medium" },
};

export function shaped(moment: string, shape: Shape, language: Language): string {
  const key = `${language} ${shape}`;
  let format = made.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(LOCALES[language], SHAPES[shape]);
    made.set(key, format);
  }
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? "" : format.format(date);
}

/** Today the time, within the last six days the weekday, this year the day, else the date. */
export function brief(moment: string, now: number, language: Language): string {
  const days = daysAgo(moment, now);
  if (days === 0) return shaped(moment, "clock", language);
  if (days > 0 && days < 7) return shaped(moment, "weekday", language);
  return shaped(moment, sameYear(moment, now) ? "day" : "date", language);
}

/** A heading between the days of a thread. */
export function dayHeading(
  moment: string,
  now: number,
  language: Language,
  near: { today: string; yesterday: string },
): string {
  const days = daysAgo(moment, now);
  if (days === 0) return near.today;
  if (days === 1) return near.yesterday;
  return shaped(moment, sameYear(moment, now) ? "longDay" : "longDate", language);
}

/** Which calendar day in the reader's zone, as a key. */
export function dayKey(moment: string): string {
  const date = new Date(moment);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** How long somebody waits: `0:42`, `12:05`, `3 h 0 min`, `2 d 5 h`. */
export function duration(milliseconds: number, words: Words["time"]): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return words.days(Math.floor(hours / 24), hours % 24);
  if (hours > 0) return words.hours(hours, minutes % 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

function daysAgo(moment: string, now: number): number {
  const then = new Date(moment);
  const today = new Date(now);
  const midnight = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(today) - midnight(then)) / 86_400_000);
}

function sameYear(moment: string, now: number): boolean {
  return new Date(moment).getFullYear() === new Date(now).getFullYear();
}

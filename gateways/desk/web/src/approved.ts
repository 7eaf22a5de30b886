// Templates that a channel's provider approved: found, and filled in as the client will read them. Pure.

import type { Maybe } from "./contract.ts";

export interface Approved {
  readonly name: string;
  readonly language: string;
  readonly category?: Maybe<string>;
  /** The body; its places are written `{{1}}`. */
  readonly text: string;
  readonly header?: Maybe<string>;
  readonly footer?: Maybe<string>;
  /** Places in all: of the header, the body, the buttons. */
  readonly parameters?: number;
  readonly examples?: readonly string[];
  readonly buttons?: readonly string[];
  /** What stands in the header instead of words. */
  readonly media?: Maybe<string>;
}

/** A template on its way. */
export interface Filled {
  readonly name: string;
  readonly language: string;
  readonly parameters: readonly string[];
}

export interface Blank {
  readonly where: "header" | "text" | "button";
  readonly place: number;
  readonly example: string;
}

const PLACE = /\{\{\s*(\w+)\s*\}\}/gu;

/** What has to be filled in, in the order in which it is sent. */
export function blanksOf(template: Approved): readonly Blank[] {
  const { header, text, parameters = 0, examples = [] } = template;
  const inHeader = placesIn(header ?? "").length;
  const inText = placesIn(text).length;
  return Array.from({ length: parameters }, (_, index): Blank => {
    const example = examples[index] ?? "";
    if (index < inHeader) return { where: "header", place: index + 1, example };
    if (index < inHeader + inText) return { where: "text", place: index - inHeader + 1, example };
    return { where: "button", place: index - inHeader - inText + 1, example };
  });
}

/** Header, body and footer; a place that is not filled in yet stands as it is. */
export function readOf(template: Approved, given: readonly string[]): string {
  const { header, text, footer } = template;
  const inHeader = placesIn(header ?? "").length;
  const parts = [
    header == null ? "" : filledIn(header, given),
    filledIn(text, given.slice(inHeader)),
    footer ?? "",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Whether every place has its words. */
export function isFilled(template: Approved, given: readonly string[]): boolean {
  return blanksOf(template).every((_, index) => (given[index] ?? "").trim() !== "");
}

/** Those in whose name or words each word stands, by name and language; `language`: none is any. */
export function matching(templates: readonly Approved[], query: string, language: string): readonly Approved[] {
  const words = query.trim().toLocaleLowerCase().split(/\s+/u);
  const said = ({ name, header, text, footer }: Approved): string =>
    [name, name.replaceAll("_", " "), header, text, footer].join("\n").toLocaleLowerCase();
  return templates
    .filter((one) => (language === "" || one.language === language) && words.every((word) => said(one).includes(word)))
    .sort((one, other) => one.name.localeCompare(other.name) || one.language.localeCompare(other.language));
}

export function languagesOf(templates: readonly Approved[]): readonly string[] {
  return [...new Set(templates.map(({ language }) => language))].sort();
}

/** The names of the places, each once: by number, else as they come. */
function placesIn(text: string): readonly string[] {
  const names = [...new Set([...text.matchAll(PLACE)].map(([, name]) => name ?? ""))];
  const number = (name: string): number => (/^\d+$/u.test(name) ? Number(name) : 0);
  return names.sort((one, other) => number(one) - number(other));
}

function filledIn(text: string, given: readonly string[]): string {
  const places = placesIn(text);
  return text.replaceAll(PLACE, (whole, name: string) => {
    const said = (given[places.indexOf(name)] ?? "").trim();
    return said === "" ? whole : said;
  });
}

// Templates of replies: one's own before the shared ones, found by what they are called and by what they say. Pure.

import type { Maybe } from "./contract.ts";

export interface Template {
  readonly template_id: string;
  /** Absent: everybody's. */
  readonly owner?: Maybe<string>;
  readonly category: string;
  readonly title: string;
  readonly text: string;
  /** With Alt, this digit writes it into the field. */
  readonly hotkey?: Maybe<string>;
}

export interface Shelf {
  readonly own: boolean;
  readonly category: string;
  readonly templates: readonly Template[];
}

/** Fewer characters find nothing in particular. */
export const SEARCHED_FROM = 2;

export function isShared({ owner }: Template): boolean {
  return owner == null;
}

/** Own first, then by category and title. */
export function ordered(templates: readonly Template[]): readonly Template[] {
  return [...templates].sort(
    (one, other) =>
      Number(isShared(one)) - Number(isShared(other)) ||
      one.category.localeCompare(other.category) ||
      one.title.localeCompare(other.title) ||
      (one.template_id < other.template_id ? -1 : 1),
  );
}

/** Those in which each word stands, in the title or in the text; those with all words in the title come first. */
export function found(templates: readonly Template[], query: string): readonly Template[] {
  const sorted = ordered(templates);
  const asked = query.trim().toLocaleLowerCase();
  if (asked.length < SEARCHED_FROM) return sorted;
  const words = asked.split(/\s+/u);
  const inTitle = ({ title }: Template): boolean => words.every((word) => title.toLocaleLowerCase().includes(word));
  const anywhere = ({ title, text }: Template): boolean => {
    const said = `${title}\n${text}`.toLocaleLowerCase();
    return words.every((word) => said.includes(word));
  };
  const hits = sorted.filter(anywhere);
  return [...hits.filter(inTitle), ...hits.filter((template) => !inTitle(template))];
}

/** In their order, together where owner and category are the same. */
export function shelved(templates: readonly Template[]): readonly Shelf[] {
  const shelves: { own: boolean; category: string; templates: Template[] }[] = [];
  for (const template of templates) {
    const last = shelves.at(-1);
    const own = !isShared(template);
    if (last !== undefined && last.own === own && last.category === template.category) last.templates.push(template);
    else shelves.push({ own, category: template.category, templates: [template] });
  }
  return shelves;
}

/** The template of Alt and a digit: one's own where both have one. */
export function ofHotkey(templates: readonly Template[], digit: string): Template | null {
  return ordered(templates).find(({ hotkey }) => hotkey === digit) ?? null;
}

/** The text with the template in place of what is selected, and where the cursor stands afterwards. */
export function written(text: string, template: string, from: number, to: number): { text: string; cursor: number } {
  return { text: text.slice(0, from) + template + text.slice(to), cursor: from + template.length };
}

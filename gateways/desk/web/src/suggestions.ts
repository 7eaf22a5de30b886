// Templates that go on with what is being written: pure. The words at the end of the text are compared with the
// beginnings of titles and texts, the longest words that fit decide.

import { ordered, SEARCHED_FROM, type Template } from "./templates.ts";

export interface Suggested {
  /** Where the words that a template takes the place of begin. */
  readonly from: number;
  readonly templates: readonly Template[];
}

/** More are not read while one writes. */
export const MOST_SUGGESTED = 5;
/** So many words of the end are looked at. */
const LOOKED_BACK = 5;

/** Own first; null: nothing goes on so. */
export function suggested(templates: readonly Template[], text: string): Suggested | null {
  const sorted = ordered(templates);
  for (const from of beginnings(text)) {
    const said = text.slice(from).toLocaleLowerCase();
    if (said.trimEnd().length < SEARCHED_FROM) break;
    const fitting = sorted.filter((template) => goesOn(template, said));
    if (fitting.length > 0) return { from, templates: fitting.slice(0, MOST_SUGGESTED) };
  }
  return null;
}

/** A word of the title, or the text itself, begins so; what stands there whole already is not suggested. */
function goesOn({ title, text }: Template, said: string): boolean {
  const [name, words] = [title.toLocaleLowerCase(), text.toLocaleLowerCase()];
  if (words.trim() === said.trim()) return false;
  return words.startsWith(said) || name.startsWith(said) || name.includes(` ${said}`);
}

/** Where the last words of the last line begin, the longest piece first. */
function beginnings(text: string): readonly number[] {
  const line = text.lastIndexOf("\n") + 1;
  const words = [...text.slice(line).matchAll(/\S+/gu)].map((word) => line + word.index);
  return words.slice(-LOOKED_BACK);
}

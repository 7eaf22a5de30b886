// The form of a word that goes with a number.

const english = new Intl.PluralRules("en");
const russian = new Intl.PluralRules("ru");

export function counted(n: number, one: string, other: string): string {
  return `${n} ${english.select(n) === "one" ? one : other}`;
}

/** `one` 1, 21 · `few` 2–4, 22 · `many` 0, 5–20. */
export function countedRu(n: number, one: string, few: string, many: string): string {
  const rule = russian.select(n);
  const form = rule === "one" ? one : rule === "few" ? few : many;
  return `${n} ${form}`;
}

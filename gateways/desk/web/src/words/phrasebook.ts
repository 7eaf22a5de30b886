// The gateways' fixed words → the reader's language. `{}` stands for what a gateway put in while it ran: it stays
// as it is in what a client sent, and is looked up itself in a reason, which may quote another. Pure.

export type Phrases = Readonly<Record<string, string>>;

interface Pattern {
  readonly shape: RegExp;
  readonly phrase: string;
}

/** Characters; longer words are no gateway's own. */
const LONGEST = 4000;
const PLACE = "{}";
const LOGIN = /^login_needed:\s*/;

export class Phrasebook {
  /** What a code says, where its words are not known. */
  readonly codes: Phrases;
  readonly #nouns: Phrases;
  readonly #reasons: Phrases;
  readonly #shapes: { readonly nouns: readonly Pattern[]; readonly reasons: readonly Pattern[] };

  constructor(nouns: Phrases, reasons: Phrases, codes: Phrases) {
    this.codes = codes;
    this.#nouns = nouns;
    this.#reasons = reasons;
    this.#shapes = { nouns: patternsOf(nouns), reasons: patternsOf(reasons) };
  }

  /** What a part probably is: “a poll: Which lamp?”, the details after the colon as they came. */
  noun(said: string): string {
    const whole = exact(this.#nouns, said);
    if (whole !== null) return whole;
    const [head, detail] = [said.split(": ", 1)[0]!, said.indexOf(": ")];
    const noun = detail < 0 ? null : exact(this.#nouns, head);
    if (noun !== null) return noun + said.slice(detail);
    return filled(this.#shapes.nouns, said, (piece) => piece) ?? said;
  }

  /** Why something failed; `null` where nobody here wrote these words. */
  reason(said: string): string | null {
    const bare = said.replace(LOGIN, "").trim();
    return exact(this.#reasons, bare) ?? filled(this.#shapes.reasons, bare, (piece) => this.reason(piece) ?? piece);
  }
}

function exact(phrases: Phrases, said: string): string | null {
  return Object.hasOwn(phrases, said) ? phrases[said]! : null;
}

/** By the pattern with the most words of its own that fits. */
function filled(patterns: readonly Pattern[], said: string, told: (piece: string) => string): string | null {
  if (said.length > LONGEST) return null;
  for (const { shape, phrase } of patterns) {
    const pieces = shape.exec(said)?.slice(1);
    if (pieces === undefined) continue;
    const [first = "", ...rest] = phrase.split(PLACE);
    return first + rest.map((words, place) => told(pieces[place] ?? "") + words).join("");
  }
  return null;
}

function patternsOf(phrases: Phrases): readonly Pattern[] {
  return Object.entries(phrases)
    .filter(([said]) => said.includes(PLACE))
    .toSorted(([one], [other]) => fixedIn(other) - fixedIn(one))
    .map(([said, phrase]) => ({ shape: shapeOf(said), phrase }));
}

function fixedIn(said: string): number {
  return said.replaceAll(PLACE, "").length;
}

function shapeOf(said: string): RegExp {
  const pieces = said.split(PLACE).map((words) => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pieces.join("([^]*?)")}$`);
}

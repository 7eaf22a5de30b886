// Lists of operators: who is at work first, then by name; and why somebody cannot be given a conversation, as far
// as the page can know. Pure; the router decides.

import type { Explanation } from "./explanation.ts";
import { type Directory, present } from "./directory.ts";
import { rowOf, type StatusRow, type Tone, toneOf } from "./statuses.ts";
import type { Conversation, Operator } from "./wire.ts";

export interface Colleague {
  readonly operator: Operator;
  readonly row: StatusRow | null;
  readonly tone: Tone;
}

export type WhyNot = "responsible" | "not_receiving" | "absent" | "at_limit" | "no_access" | "taking_part";

/** Those whose name has all the words asked for; a word is met at its beginning anywhere in the name or login. */
export function colleagues(model: Directory, asked: string): readonly Colleague[] {
  const words = asked.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== "");
  const fits = ({ name, login }: Operator): boolean => {
    const parts = `${name} ${login}`.toLocaleLowerCase().split(/[\s.@_-]+/u);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  };
  return present(model.operators)
    .filter((operator) => !operator.disabled && fits(operator))
    .map((operator) => of(model, operator))
    .sort((one, other) => rank(one) - rank(other) || one.operator.name.localeCompare(other.operator.name));
}

export function of(model: Directory, operator: Operator): Colleague {
  const row = rowOf(model.statuses.state ?? [], operator.status);
  return { operator, row, tone: toneOf(row) };
}

/** Null: as far as is known, the conversation may be given to them. */
export function whyNot(
  { operator, row }: Colleague,
  conversation: Conversation | null,
  needsPresence: boolean,
  explanation: Explanation | null,
): WhyNot | null {
  if (conversation?.assignee === operator.operator_id) return "responsible";
  if (row !== null && row.receives !== true) return "not_receiving";
  if (needsPresence && !operator.present) return "absent";
  const why = explanation?.considered.find(({ operator_id: id }) => id === operator.operator_id)?.why;
  return why === "at_limit" || why === "no_access" ? why : null;
}

/** At work with the page open, at work, not at work. */
function rank({ operator, tone }: Colleague): number {
  if (tone === "off") return operator.present ? 3 : 4;
  if (tone === "pause") return operator.present ? 1 : 2;
  return operator.present ? 0 : 2;
}

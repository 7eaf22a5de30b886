// Addresses that somebody types: of whom one writes to, and of those who get a copy. Pure; the desk checks them again.

import type { Address } from "./letters.ts";

/** By what a person is written to; `none`: not at all. */
export type AddressKind = "none" | "phone" | "email" | "id";

const MAIL = /^[^\s@<>,;:"\\]{1,64}@[^\s@<>,;:"\\]{1,190}$/u;
const PHONE = /^\+[1-9][0-9]{6,14}$/;
const LONGEST_ID = 500;

export function isMail(text: string): boolean {
  return MAIL.test(text);
}

/** With its country, by + or 00, or as in Russia: 8 900 123-45-67. */
export function isPhone(text: string): boolean {
  const bare = text.replace(/[\s().\u2010-\u2015-]/g, "");
  return PHONE.test(bare.replace(/^00/, "+").replace(/^8(?=[0-9]{10}$)/, "+7"));
}

/** Whether somebody can be written to there, as far as its looks go. */
export function fits(kind: AddressKind, said: string): boolean {
  const text = said.trim();
  if (kind === "phone") return isPhone(text);
  if (kind === "email") return isMail(text);
  return kind === "id" && text !== "" && text.length <= LONGEST_ID && !/\p{Cc}/u.test(text);
}

/** "Anna Petrova <anna@mail.example>, boss@mail.example"; null where one of them is no address. */
export function copiesIn(text: string): readonly Address[] | null {
  const said = text.split(/[,;\n]/).flatMap((one) => (one.trim() === "" ? [] : [one.trim()]));
  const copies = said.map(copyIn);
  return copies.every((one) => one !== null) ? copies : null;
}

/** As they are typed; a name that would not be read back is left out. */
export function typed(addresses: readonly Address[]): string {
  const one = ({ address, name }: Address): string =>
    name == null || name === "" || name === address || /[,;<>\n"]/.test(name) ? address : `${name} <${address}>`;
  return addresses.map(one).join(", ");
}

function copyIn(text: string): Address | null {
  const named = /^([^<>]*)<([^<>]*)>$/.exec(text);
  const address = (named?.[2] ?? text).trim();
  if (!isMail(address)) return null;
  const name = (named?.[1] ?? "").trim().replace(/^"(.*)"$/, "$1").trim();
  return name === "" ? { address } : { address, name };
}

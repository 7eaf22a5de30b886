// Keys of acts: Alt and a letter of the keyboard's place, so that they are the same in every layout. On a Mac it is
// Control and Alt: there Alt alone writes letters, as Alt and Control do elsewhere (AltGr). Pure.

import type { ActName } from "./acts.ts";

export type Shortcut = ActName | "note" | "menu" | "list" | "first";

const CODES: Readonly<Record<string, Shortcut>> = {
  KeyA: "accept",
  KeyT: "transfer",
  KeyB: "give_back",
  KeyC: "close",
  KeyO: "resume",
  KeyU: "unread",
  KeyN: "note",
  KeyM: "menu",
  KeyL: "list",
  KeyW: "first",
};

export interface Pressed {
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

const MAC = /mac/i.test(navigator.platform);

export function shortcutOf(key: Pressed, mac = MAC): Shortcut | null {
  return isHeld(key, mac) ? (CODES[key.code] ?? null) : null;
}

/** The digit of a template's key. */
export function digitOf(key: Pressed, mac = MAC): string | null {
  return isHeld(key, mac) ? (/^Digit([1-9])$/.exec(key.code)?.[1] ?? null) : null;
}

/** As it is told: `Alt+T`; null where the act has no key. */
export function keysOf(name: Shortcut, mac = MAC): string | null {
  const code = Object.entries(CODES).find(([, act]) => act === name)?.[0];
  return code === undefined ? null : held(code.slice(3), mac);
}

/** `Alt+2` */
export function held(key: string, mac = MAC): string {
  return mac ? `Control+Alt+${key}` : `Alt+${key}`;
}

function isHeld(key: Pressed, mac: boolean): boolean {
  return key.altKey && key.ctrlKey === mac && !key.metaKey && !key.shiftKey;
}

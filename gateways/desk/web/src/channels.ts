// What channels are called, and which picture each has: of kin, one. Pure.

import type { Words } from "./words/index.ts";

export type Picture = keyof Words["channels"];

/** Channels of the same sort, by how their names begin. */
const KIN: readonly (readonly [string, Picture])[] = [
  ["webchat", "webchat"],
  ["email", "email"],
  ["mail", "email"],
  ["telegram", "telegram"],
  ["vk", "vk"],
  ["whatsapp", "whatsapp"],
  ["avito", "avito"],
  ["autoru", "autoru"],
  ["cian", "cian"],
  ["sms", "sms"],
  ["max", "max"],
  ["http", "http"],
  ["call", "calls"],
  ["phone", "calls"],
  ["voice", "calls"],
];

export function pictureOf(channel: string): Picture {
  const plain = channel.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return KIN.find(([beginning]) => plain.startsWith(beginning))?.[1] ?? "other";
}

/** As it is called; of one that is not known here, its own name. */
export function channelName(channel: string, words: Words): string {
  const picture = pictureOf(channel);
  return picture === "other" ? channel : words.channels[picture];
}

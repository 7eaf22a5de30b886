// The reply window: until when anything but a template goes, where a channel has such a time. Pure.

import type { Capabilities } from "./contract.ts";
import type { Conversation } from "./wire.ts";

export interface ReplyWindow {
  /** Little is left of it; over; or the client has never written. */
  readonly is: "open" | "soon" | "over" | "never";
  readonly until: string;
  /** Milliseconds. */
  readonly left: number;
  /** How long the channel gives. */
  readonly hours: number;
}

const SOON_MS = 3_600_000;

/** None: the channel takes anything at any time. */
export function windowOf(conversation: Conversation, capabilities: Capabilities, now: number): ReplyWindow | null {
  const hours = capabilities.reply_window_hours;
  if (hours == null) return null;
  const until = conversation.free_text_until;
  if (until == null) return { is: "never", until: "", left: 0, hours };
  const left = Date.parse(until) - now;
  return { is: left <= 0 ? "over" : left < SOON_MS ? "soon" : "open", until, left: Math.max(0, left), hours };
}

export function isShut(window: ReplyWindow | null): boolean {
  return window?.is === "over" || window?.is === "never";
}

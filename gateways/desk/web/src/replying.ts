// A reply as the desk takes it, and what was written while it was typed. Pure.

import type { Reply } from "./outbox.ts";
import type { Line } from "./wire.ts";

/** Why a reply is refused while its author could not have seen what was written meanwhile. */
export const MOVED_ON = "conversation_moved_on";

/** The body of a reply; what it does not have is not said. */
export function bodyOf(reply: Reply): object {
  return {
    id: reply.id,
    text: reply.text,
    ...(reply.attachments?.length ? { attachments: reply.attachments.map((one) => one.attachment_id) } : {}),
    ...(reply.quote === undefined ? {} : { quote: reply.quote.id }),
    ...(reply.resendOf === undefined ? {} : { resend_of: reply.resendOf }),
    ...(reply.seen === undefined ? {} : { seen_version: reply.seen.version }),
  };
}

/** Messages of the client and of colleagues after the last line that the author had seen. */
export function writtenSince(lines: readonly Line[], since: number | null, viewer: string): readonly Line[] {
  if (since === null) return [];
  return lines.filter(
    ({ kind, position, author }) => kind === "message" && position > since && author?.id !== viewer,
  );
}

// A reply as the desk takes it, and what was written while it was typed.

import { Failure } from "./api.ts";
import type { Archive } from "./archive.ts";
import { headed } from "./letters.ts";
import type { Overtaken, Reply } from "./outbox.ts";
import type { Line } from "./wire.ts";

/** Why a reply is refused while its author could not have seen what was written meanwhile. */
export const MOVED_ON = "conversation_moved_on";

/** The body of a reply; what it does not have is not said. */
export function bodyOf(reply: Reply): object {
  return {
    id: reply.id,
    ...(reply.template === undefined ? { text: reply.text } : { template: reply.template }),
    ...(reply.attachments?.length ? { attachments: reply.attachments.map((one) => one.attachment_id) } : {}),
    ...(reply.heading === undefined ? {} : headed(reply.heading)),
    ...(reply.quote === undefined ? {} : { quote: reply.quote.id }),
    ...(reply.resendOf === undefined ? {} : { resend_of: reply.resendOf }),
    ...(reply.seen === undefined ? {} : { seen_version: reply.seen.version }),
  };
}

/** A saved reply follows what the client wrote while it waited, and never the answer of a colleague. */
export async function overtaken(archive: Archive, reply: Reply, viewer: string): Promise<Overtaken> {
  try {
    const { version } = await archive.conversation(reply.conversation); // before the lines, so never newer than they
    const lines = (await archive.history(reply.conversation, null)).items;
    const written = writtenSince(lines, reply.seen?.position ?? null, viewer);
    if (written.length === 0) return "ask_later"; // the history is late
    const byClient = written.every(({ direction }) => direction === "in");
    const position = Math.max(...lines.map((line) => line.position));
    return byClient ? { seen: { version, position } } : "give_back";
  } catch (error) {
    return error instanceof Failure && error.kind !== "refused" ? "ask_later" : "give_back";
  }
}

/** Messages of the client and of colleagues after the last line that the author had seen. */
export function writtenSince(lines: readonly Line[], since: number | null, viewer: string): readonly Line[] {
  if (since === null) return [];
  return lines.filter(
    ({ kind, position, author }) => kind === "message" && position > since && author?.id !== viewer,
  );
}

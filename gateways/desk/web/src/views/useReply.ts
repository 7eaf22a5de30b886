// What stands in the field, whether it may go, and its going: as a reply, or as the new words of a message.

import { headed, type Heading } from "../letters.ts";
import type { Beside } from "../outbox.ts";
import { attachmentsOf, isUnderWay, type Upload } from "../uploads.ts";
import type { Conversation } from "../wire.ts";
import type { Changing } from "../writing.ts";
import { useWorkplace } from "./context.ts";
import { useAccount } from "./standing.ts";

const USUAL_LENGTH = 4000;

export function useReply(conversation: Conversation, shut: boolean) {
  const workplace = useWorkplace();
  const { actions, drafts, outbox, seen, told, uploads, writing } = workplace;
  const { conversation_id: id, dialog_id: dialog } = conversation;
  const limit = useAccount(conversation)?.capabilities.text_length ?? USUAL_LENGTH;
  const changing = writing.changes.value.get(id) ?? null;
  const text = changing === null ? drafts.of(dialog) : changing.text;
  const left = limit - [...text].length;
  const heading = writing.headings.value.get(id);
  const ready = !shut && mayGo({ text, limit, changing, heading, files: uploads.of(id) });

  const change = async (to: Changing): Promise<void> => {
    const said = to.text.trim();
    if (said === to.before || (await actions.change(conversation, to.id, said))) writing.change(id, null);
  };
  /** By what stands there now, though the page may not have drawn it yet: a key can be faster. */
  const send = (): void => {
    const to = writing.changes.peek().get(id) ?? null;
    const words = to === null ? (drafts.texts.peek().get(dialog) ?? "") : to.text;
    const files = uploads.all.peek().get(id) ?? [];
    if (shut || !mayGo({ text: words, limit, changing: to, heading: writing.headings.peek().get(id), files })) return;
    told.stops();
    if (to !== null) {
      void change(to);
      return;
    }
    actions.dismiss(id);
    const chosen = writing.take(id);
    const attachments = uploads.take(id);
    const known = seen.get(id);
    const beside: Beside = {
      dialog,
      ...(known && { seen: known }),
      ...chosen,
      ...(attachments.length > 0 && { attachments }),
    };
    outbox.send(id, words.trim(), beside);
    drafts.write(dialog, "");
  };
  return { text, left, ready, send };
}

interface Going {
  readonly text: string;
  readonly limit: number;
  readonly changing: Changing | null;
  readonly heading: Heading | undefined;
  readonly files: readonly Upload[];
}

function mayGo({ text, limit, changing, heading, files }: Going): boolean {
  if ([...text].length > limit) return false;
  if (changing !== null) return text.trim() !== "";
  if (heading !== undefined && headed(heading) === null) return false;
  const unfinished = isUnderWay(files) || files.some(({ state }) => state.is === "failed");
  return !unfinished && (text.trim() !== "" || attachmentsOf(files).length > 0);
}

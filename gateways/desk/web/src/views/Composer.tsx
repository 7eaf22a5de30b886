// Where a reply is written: what may not be sent is said above the field, then what goes with the words.

import { attachmentsOf, isUnderWay } from "../uploads.ts";
import { operatorName } from "../people.ts";
import type { Beside } from "../outbox.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { ReplyField } from "./ReplyField.tsx";
import { useAccount } from "./standing.ts";
import { UploadList } from "./UploadList.tsx";
import { WritingStrip } from "./WritingStrip.tsx";

const NEAR_THE_LIMIT = 200;

export function Composer({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const id = conversation.conversation_id;
  const { note, shut } = useNote(conversation);
  const { text, left, ready, send } = useReply(conversation, shut);
  const uploads = workplace.uploads.of(id);
  const changing = workplace.writing.changes.value.has(id);
  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), send())}>
      {note !== null && (
        <p class="composer-note" data-testid="composer-note">
          {note}
        </p>
      )}
      <WritingStrip id={id} />
      {!changing && <UploadList id={id} uploads={uploads} />}
      {(!shut || text !== "") && (
        <ReplyField conversation={conversation} text={text} over={left < 0} ready={ready} shut={shut} send={send} />
      )}
      {left < NEAR_THE_LIMIT && (
        <p class={`composer-left ${left < 0 ? "over" : ""}`} role="status" data-testid="characters-left">
          {left < 0 ? words.composer.over(-left) : words.composer.left(left)}
        </p>
      )}
    </form>
  );
}

/** What stands in the field, whether it may go, and its going: as a reply, or as the new words of a message. */
function useReply(conversation: Conversation, shut: boolean) {
  const workplace = useWorkplace();
  const { actions, drafts, outbox, told, uploads, writing } = workplace;
  const id = conversation.conversation_id;
  const changing = writing.changes.value.get(id) ?? null;
  const text = changing === null ? drafts.of(id) : changing.text;
  const files = uploads.of(id);
  const limit = useAccount(conversation)?.capabilities.text_length ?? 4000;
  const left = limit - [...text].length;
  const unfinished = isUnderWay(files) || files.some(({ state }) => state.is === "failed");
  const something = text.trim() !== "" || attachmentsOf(files).length > 0;
  const ready = !shut && left >= 0 && (changing === null ? something && !unfinished : text.trim() !== "");

  const change = async (): Promise<void> => {
    if (changing === null) return;
    const same = changing.text.trim() === changing.before;
    if (same || (await actions.change(conversation, changing.id, changing.text.trim()))) writing.change(id, null);
  };
  const send = (): void => {
    if (!ready) return;
    told.stops();
    if (changing !== null) {
      void change();
      return;
    }
    actions.dismiss(id);
    const quote = writing.take(id);
    const attachments = uploads.take(id);
    const beside: Beside = { ...(quote && { quote }), ...(attachments.length > 0 && { attachments }) };
    outbox.send(id, text.trim(), beside);
    drafts.write(id, "");
  };
  return { text, left, ready, send };
}

/** What is said above the field, and whether nothing may be sent. */
function useNote(conversation: Conversation): { note: string | null; shut: boolean } {
  const workplace = useWorkplace();
  const words = useWords();
  const { composer } = words;
  const model = workplace.model.value;
  const { assignee, status } = conversation;
  if (status === "closed") return { note: composer.closed, shut: true };
  if (!workplace.me.value.rights.includes("reply")) return { note: composer.noRight, shut: true };
  if (assignee != null && assignee !== workplace.viewer) {
    return { note: composer.others(operatorName(model, assignee, words)), shut: true };
  }
  return { note: assignee == null ? composer.takes : null, shut: false };
}

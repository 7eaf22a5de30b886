// The field for the reply. Enter sends, Shift+Enter starts a line; what may not be sent is said above it.

import { useEffect, useRef } from "preact/hooks";
import { accountName, operatorName } from "../people.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

const NEAR_THE_LIMIT = 200;

export function Composer({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const id = conversation.conversation_id;
  const text = workplace.drafts.of(id);
  const { note, shut } = useNote(conversation);
  const limit = workplace.model.value.accounts.get(conversation.account)?.state?.capabilities.text_length ?? 4000;
  const left = limit - [...text].length;
  const ready = !shut && text.trim() !== "" && left >= 0;

  useEffect(() => grow(field.current), [text, shut]);
  useEffect(() => {
    if (!shut && matchMedia("(min-width: 720px)").matches) field.current?.focus();
  }, [id, shut]);

  const send = (): void => {
    if (!ready) return;
    workplace.actions.dismiss(id);
    workplace.outbox.send(id, text.trim());
    workplace.drafts.write(id, "");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), send())}>
      {note !== null && (
        <p class="composer-note" data-testid="composer-note">
          {note}
        </p>
      )}
      {(!shut || text !== "") && (
        <div class="composer-field">
          <textarea
            ref={field}
            rows={1}
            value={text}
            aria-label={words.composer.label}
            placeholder={words.composer.placeholder}
            title={words.composer.keys}
            aria-invalid={left < 0}
            dir="auto"
            data-testid="reply"
            onInput={(event) => workplace.drafts.write(id, event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          <button class="button primary icon-only" type="submit" aria-disabled={!ready} aria-label={words.composer.send} data-testid="send">
            <Icon name="send" />
          </button>
        </div>
      )}
      {left < NEAR_THE_LIMIT && (
        <p class={`composer-left ${left < 0 ? "over" : ""}`} role="status" data-testid="characters-left">
          {left < 0 ? words.composer.over(-left) : words.composer.left(left)}
        </p>
      )}
    </form>
  );
}

/** What is said above the field, and whether nothing may be sent. */
function useNote(conversation: Conversation): { note: string | null; shut: boolean } {
  const workplace = useWorkplace();
  const { composer } = useWords();
  const words = useWords();
  const model = workplace.model.value;
  const { assignee, status } = conversation;
  if (status === "closed") return { note: composer.closed, shut: true };
  if (!workplace.me.value.rights.includes("reply")) return { note: composer.noRight, shut: true };
  if (assignee != null && assignee !== workplace.viewer) {
    return { note: composer.others(operatorName(model, assignee, words)), shut: true };
  }
  const account = model.accounts.get(conversation.account)?.state;
  if (account != null && !account.connected) {
    return { note: composer.notConnected(accountName(model, conversation.account)), shut: false };
  }
  return { note: assignee == null ? composer.takes : null, shut: false };
}

/** As high as its text, up to what the style allows. */
function grow(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

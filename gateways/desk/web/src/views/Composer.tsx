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
  const id = conversation.conversation_id;
  const text = workplace.drafts.of(id);
  const { note, shut } = useNote(conversation);
  const limit = workplace.model.value.accounts.get(conversation.account)?.state?.capabilities.text_length ?? 4000;
  const left = limit - [...text].length;
  const ready = !shut && text.trim() !== "" && left >= 0;

  const send = (): void => {
    if (!ready) return;
    workplace.actions.dismiss(id);
    workplace.outbox.send(id, text.trim());
    workplace.drafts.write(id, "");
  };
  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), send())}>
      {note !== null && (
        <p class="composer-note" data-testid="composer-note">
          {note}
        </p>
      )}
      {(!shut || text !== "") && <Field id={id} text={text} over={left < 0} ready={ready} shut={shut} send={send} />}
      {left < NEAR_THE_LIMIT && (
        <p class={`composer-left ${left < 0 ? "over" : ""}`} role="status" data-testid="characters-left">
          {left < 0 ? words.composer.over(-left) : words.composer.left(left)}
        </p>
      )}
    </form>
  );
}

interface FieldParts {
  readonly id: string;
  readonly text: string;
  readonly over: boolean;
  readonly ready: boolean;
  readonly shut: boolean;
  send(): void;
}

function Field({ id, text, over, ready, shut, send }: FieldParts) {
  const { drafts } = useWorkplace();
  const words = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => grow(field.current), [text]);
  useEffect(() => {
    if (!shut && matchMedia("(min-width: 720px)").matches) field.current?.focus();
  }, [id, shut]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div class="composer-field">
      <textarea
        ref={field}
        rows={1}
        value={text}
        aria-label={words.composer.label}
        placeholder={words.composer.placeholder}
        title={words.composer.keys}
        aria-invalid={over}
        dir="auto"
        data-testid="reply"
        onInput={(event) => drafts.write(id, event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button
        class="button primary icon-only"
        type="submit"
        aria-disabled={!ready}
        aria-label={words.composer.send}
        data-testid="send"
        onClick={() => field.current?.focus()}
      >
        <Icon name="send" />
      </button>
    </div>
  );
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

// Windows that ask for a few words before an act: returning, describing, blocking.

import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { shaped } from "../times.ts";
import type { Conversation } from "../wire.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";

interface OfConversation {
  readonly conversation: Conversation;
}

export function ReturnDialog({ conversation }: OfConversation) {
  const { actions } = useWorkplace();
  const words = useWords();
  const comment = useRef<HTMLInputElement>(null);
  const submit = async (): Promise<void> => {
    const said = comment.current?.value.trim() ?? "";
    if (await actions.ofConversation(conversation, "return", said === "" ? {} : { comment: said }, true)) shut();
  };
  return (
    <Dialog name="return" heading={words.back.heading} submit={() => void submit()}>
      <p>{words.back.lead}</p>
      <label class="field">
        <span>{words.dialog.comment}</span>
        <input ref={comment} maxLength={1000} placeholder={words.dialog.commentHint} autocomplete="off" data-first data-testid="comment" />
      </label>
      <Answers yes={words.back.yes} ready busy={actions.isBusy(`return ${conversation.conversation_id}`)} />
    </Dialog>
  );
}

export function DescribeDialog({ conversation }: OfConversation) {
  const { actions } = useWorkplace();
  const words = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const submit = async (): Promise<void> => {
    const body = { description: field.current?.value.trim() ?? "" };
    if (await actions.ofConversation(conversation, "describe", body, true)) shut();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  };
  return (
    <Dialog name="describe" heading={words.describing.heading} submit={() => void submit()}>
      <label class="field">
        <span>{words.describing.label}</span>
        <textarea
          ref={field}
          rows={4}
          maxLength={2000}
          defaultValue={conversation.description ?? ""}
          dir="auto"
          data-first
          data-testid="description-field"
          onKeyDown={onKeyDown}
        />
      </label>
      <Answers yes={words.dialog.save} ready busy={actions.isBusy(`describe ${conversation.conversation_id}`)} />
    </Dialog>
  );
}

const WEEK_MS = 7 * 86_400_000;

/** The end and the reason are obligatory; of one who is blocked, a way to end it. */
export function BlockDialog({ conversation }: OfConversation) {
  const app = useApp();
  const { actions, clients } = useWorkplace();
  const words = useWords();
  const contact = conversation.contact_id ?? "";
  const until = useSignal(localTime(Date.now() + app.api.clockAhead + WEEK_MS));
  const reason = useSignal("");
  const known = clients.known.value.get(conversation.conversation_id);
  const blocked = known?.blocked_until;
  const past = !(Date.parse(until.value) > Date.now() + app.api.clockAhead);
  const ready = !past && reason.value.trim() !== "";
  const finish = (done: boolean): void => {
    if (!done) return;
    clients.again(conversation);
    shut();
  };
  const submit = async (): Promise<void> => {
    if (ready) finish(await actions.block(contact, new Date(until.value).toISOString(), reason.value.trim()));
  };
  return (
    <Dialog name="block" heading={words.block.heading} submit={() => void submit()}>
      <p>{words.block.lead}</p>
      {blocked != null && (
        <p class="blocked" data-testid="blocked">
          <b>{words.block.blocked(shaped(blocked, "whole", app.language.value))}</b> {known?.block_reason}
          <button class="button small" type="button" data-testid="unblock" onClick={() => void actions.unblock(contact).then(finish)}>
            {words.block.unblock}
          </button>
        </p>
      )}
      <label class="field">
        <span>{words.block.until}</span>
        <input
          type="datetime-local"
          value={until.value}
          required
          aria-invalid={past}
          data-testid="block-until"
          onInput={(event) => {
            until.value = event.currentTarget.value;
          }}
        />
      </label>
      {past && (
        <p class="field-error" role="alert">
          {words.block.past}
        </p>
      )}
      <label class="field">
        <span>{words.block.reason}</span>
        <input
          value={reason.value}
          maxLength={500}
          required
          autocomplete="off"
          data-first
          data-testid="block-reason"
          onInput={(event) => {
            reason.value = event.currentTarget.value;
          }}
        />
      </label>
      <Answers yes={words.block.yes} ready={ready} busy={actions.isBusy("block")} />
    </Dialog>
  );
}

/** As the field for a date and a time takes it, in the reader's zone. */
function localTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return new Date(milliseconds - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

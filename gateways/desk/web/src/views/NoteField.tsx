// The field of a note: for colleagues, never for the client, and coloured so that nobody takes one for the other.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { grow } from "./ReplyField.tsx";

const LONGEST = 10_000;

export function NoteField({ conversation }: { conversation: Conversation }) {
  const { actions, jotted, writing } = useWorkplace();
  const words = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const { conversation_id: id, dialog_id: dialog } = conversation;
  const text = jotted.of(dialog);
  const busy = actions.isBusy(`notes ${id}`);
  const ready = text.trim() !== "" && text.length <= LONGEST && !busy;
  useEffect(() => grow(field.current), [text]);
  useLayoutEffect(() => field.current?.focus(), []); // before the next key, which else went to the client
  const save = async (): Promise<void> => {
    const now = (): string => jotted.texts.peek().get(dialog) ?? ""; // though it may not be drawn yet
    const words = now().trim();
    if (words === "" || !(await actions.ofConversation(conversation, "notes", { text: words }))) return;
    const since = now().trimStart();
    jotted.write(dialog, since.startsWith(words) ? since.slice(words.length).trimStart() : since);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) void save();
    else if (event.key === "Escape") writing.jot(id, false);
    else return;
    event.preventDefault();
  };
  return (
    <form onSubmit={(event) => (event.preventDefault(), void save())}>
      <div class="composer-field is-note">
        <textarea
          ref={field}
          rows={1}
          value={text}
          maxLength={LONGEST}
          aria-label={words.note.label}
          placeholder={words.note.placeholder}
          dir="auto"
          data-testid="note-field"
          onInput={(event) => jotted.write(dialog, event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button class="button primary icon-only" type="submit" aria-disabled={!ready} aria-label={words.note.save} data-testid="note-save">
          <Icon name="note" />
        </button>
      </div>
    </form>
  );
}

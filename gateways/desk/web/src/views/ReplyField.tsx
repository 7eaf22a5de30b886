// The field itself. Enter sends, Shift+Enter starts a line; Alt with the arrows chooses the line to quote, the
// arrow up in an empty field changes one's last message, Escape lets go of either; `/` in an empty field shows the
// templates, Alt and a digit writes one; what goes on with the words is suggested. Files are chosen or pasted.

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { takesFiles } from "../limits.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { useStanding } from "./standing.ts";
import type { Suggestions } from "./useSuggestions.ts";
import type { Templates } from "./useTemplates.ts";
import { useWriting } from "./useWriting.ts";

interface FieldParts {
  readonly conversation: Conversation;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly over: boolean;
  readonly ready: boolean;
  readonly shut: boolean;
  readonly templates: Templates;
  readonly suggestions: Suggestions;
  send(): void;
}

export function ReplyField({ conversation, field, text, over, ready, shut, templates, suggestions, send }: FieldParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const id = conversation.conversation_id;
  const { capabilities } = useStanding(conversation);
  const { changing, write, onKeyDown } = useWriting(conversation, text, send);
  const onKey = (event: KeyboardEvent): void => {
    const writing = !changing && !shut && !event.isComposing;
    if (writing && (suggestions.onKey(event) || templates.onKey(event))) event.preventDefault();
    else onKeyDown(event);
  };
  useEffect(() => grow(field.current), [text]);
  useLayoutEffect(() => {
    if (!shut && matchMedia("(min-width: 720px)").matches) field.current?.focus();
  }, [id, shut]);
  useEffect(() => () => workplace.told.stops(), [id]);
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || changing) return;
    event.preventDefault();
    workplace.uploads.add(id, files, capabilities);
  };
  return (
    <div class="composer-field">
      {!shut && !changing && takesFiles(capabilities) && <Attach conversation={conversation} />}
      {!shut && !changing && (
        <button
          class="button bare icon-only"
          type="button"
          aria-label={words.templates.insert}
          title={`${words.templates.insert} (/)`}
          aria-expanded={templates.open}
          data-testid="templates"
          onClick={templates.show}
        >
          <Icon name="template" />
        </button>
      )}
      <textarea
        ref={field}
        rows={1}
        value={text}
        aria-label={changing ? words.composer.changing : words.composer.label}
        placeholder={words.composer.placeholder}
        title={words.composer.keys}
        aria-invalid={over}
        dir="auto"
        data-testid="reply"
        {...(changing ? {} : completing(suggestions))}
        onInput={(event) => {
          write(event.currentTarget.value);
          if (!changing) suggestions.written();
        }}
        onKeyDown={onKey}
        onPaste={onPaste}
        onPointerDown={suggestions.close}
        onBlur={suggestions.close}
      />
      <button
        class="button primary icon-only"
        type="submit"
        aria-disabled={!ready}
        aria-label={changing ? words.composer.save : words.composer.send}
        data-testid="send"
        onClick={() => field.current?.focus()}
      >
        <Icon name={changing ? "check" : "send"} />
      </button>
    </div>
  );
}

/** What a screen reader is told: a field of several lines may not be a combobox, but may lead to a list. */
function completing({ active, id, shown }: Suggestions) {
  return {
    "aria-autocomplete": "list" as const,
    "aria-controls": shown === null ? undefined : id,
    "aria-activedescendant": active < 0 ? undefined : `${id}-${active}`,
  };
}

/** Chooses files; what the account does not take is not offered where the browser can tell. */
function Attach({ conversation }: { conversation: Conversation }) {
  const { uploads } = useWorkplace();
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  const { capabilities } = useStanding(conversation);
  const chosen = (): void => {
    const files = [...(input.current?.files ?? [])];
    uploads.add(conversation.conversation_id, files, capabilities);
    if (input.current !== null) input.current.value = "";
  };
  return (
    <>
      <button
        class="button bare icon-only"
        type="button"
        aria-label={words.composer.attach}
        title={words.composer.attach}
        data-testid="attach"
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={(capabilities.file_types ?? []).join(",")}
        aria-label={words.composer.attach}
        data-testid="attach-input"
        onChange={chosen}
      />
    </>
  );
}

/** As high as its text, up to what the style allows. */
export function grow(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

// Where the visitor writes: Enter sends, Shift+Enter begins a line; nothing is lost when there is no connection.

import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

import type { Words } from "./words.ts";

interface Props {
  words: Words;
  limit: number;
  disabled: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  onSend: (text: string) => void;
}

export function Composer({ words, limit, disabled, field, onSend }: Props) {
  const [text, setText] = useState("");
  const over = [...text].length - limit;
  const ready = !disabled && over <= 0 && text.trim() !== "";
  useLayoutEffect(() => {
    const { current } = field;
    if (current) {
      current.style.height = "auto";
      current.style.height = `${current.scrollHeight}px`;
    }
  }, [text]);
  const send = () => {
    if (!ready) return;
    onSend(text.trim());
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={text}
        disabled={disabled}
        placeholder={words.placeholder}
        aria-label={words.placeholder}
        aria-invalid={over > 0}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-testid="composer"
      />
      {over > 0 && (
        <span class="over" role="alert" data-testid="too-long">
          {words.tooLong(over)}
        </span>
      )}
      <button type="submit" disabled={!ready} aria-label={words.send} title={words.send} data-testid="send">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 12 20 4.5 15.5 20l-3.8-6.2L4 12Zm7.7 1.8L20 4.5" />
        </svg>
      </button>
    </form>
  );
}

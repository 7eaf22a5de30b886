// Where the visitor writes: Enter sends, Shift+Enter begins a line; nothing is lost when there is no connection.
// Files come by the button, by dropping them on the panel, and from the clipboard.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat.ts";
import { Emoji } from "./Emoji.tsx";
import type { Quote } from "./frames.ts";
import { IconButton } from "./icons.tsx";
import { Quoted } from "./Message.tsx";
import { canRecord } from "./recorder.ts";
import { Tray } from "./Tray.tsx";
import { Voice } from "./Voice.tsx";
import type { Words } from "./words.ts";

interface Props {
  chat: Chat;
  words: Words;
  field: RefObject<HTMLTextAreaElement | null>;
  quote: Quote | undefined;
  onQuote: (quote: Quote | undefined) => void;
}

export function Composer({ chat, words, field, quote, onQuote }: Props) {
  const [text, setText] = useState("");
  const [tool, setTool] = useState<"emoji" | "voice" | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const over = [...text].length - chat.limits.text;
  const disabled = chat.link.state === "stopped";
  const { uploads } = chat;
  const takes = (chat.limits.files ?? 0) > 0;
  const full = text.trim() !== "" || uploads.items.some((one) => !one.alone);
  const ready = !disabled && over <= 0 && full && uploads.ready;
  useLayoutEffect(() => {
    const { current } = field;
    if (current) {
      current.style.height = "auto";
      current.style.height = `${current.scrollHeight}px`;
    }
  }, [text]);
  const change = (changed: string) => {
    setText(changed);
    chat.typing.wrote(changed);
  };
  const send = () => {
    if (!ready) return;
    chat.say(text.trim(), uploads.take(), quote);
    setText("");
    setTool(null);
    onQuote(undefined);
    field.current?.focus();
  };
  const pick = (emoji: string) => {
    const { current } = field;
    const place = current?.selectionStart ?? text.length;
    change(text.slice(0, place) + emoji + text.slice(current?.selectionEnd ?? place));
    close();
  };
  const close = () => {
    setTool(null);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && quote) {
      event.stopPropagation();
      onQuote(undefined);
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files;
    if (!takes || !files?.length) return;
    event.preventDefault();
    chat.attach(files);
  };
  const onChosen = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    chat.attach(currentTarget.files ?? []);
    currentTarget.value = "";
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {quote && (
        <div class="answering" data-testid="answering">
          <Quoted quote={quote} words={words} />
          <IconButton icon="cross" label={words.noAnswer} onClick={() => onQuote(undefined)} id="no-quote" />
        </div>
      )}
      <Tray uploads={uploads} words={words} />
      {tool === "emoji" && <Emoji label={words.emoji} onPick={pick} onClose={close} />}
      {tool === "voice" ? (
        <Voice chat={chat} words={words} onClose={() => setTool(null)} />
      ) : (
        <div class="row">
          {takes && (
            <>
              <IconButton icon="clip" label={words.attach} disabled={disabled} onClick={() => chooser.current?.click()} id="attach" />
              <input
                type="file"
                multiple
                hidden
                ref={chooser}
                accept={chat.limits.types?.join() || undefined}
                onChange={onChosen}
                aria-label={words.attach}
                data-testid="chooser"
              />
            </>
          )}
          <textarea
            ref={field}
            rows={1}
            value={text}
            disabled={disabled}
            placeholder={words.placeholder}
            aria-label={words.placeholder}
            aria-invalid={over > 0}
            onInput={(event) => change(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            data-testid="composer"
          />
          {over > 0 && (
            <span class="over" role="alert" data-testid="too-long">
              {words.tooLong(over)}
            </span>
          )}
          <IconButton
            icon="smile"
            label={words.emoji}
            disabled={disabled}
            expanded={tool === "emoji"}
            onClick={() => setTool(tool ? null : "emoji")}
            id="emoji"
          />
          {takes && !full && canRecord() ? (
            <IconButton class="main" icon="mic" label={words.record} disabled={disabled} onClick={() => setTool("voice")} id="record" />
          ) : (
            <IconButton class="main" icon="send" label={words.send} disabled={!ready} onClick={send} id="send" />
          )}
        </div>
      )}
    </form>
  );
}

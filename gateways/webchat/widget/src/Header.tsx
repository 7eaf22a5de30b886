// The head of the panel: how the connection is, in words; the sound; the end of the chat, which asks first.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat.ts";
import { IconButton } from "./icons.tsx";
import type { Words } from "./words.ts";

const PATIENCE_MS = 1500;

export function Header({ chat, words, onClose }: { chat: Chat; words: Words; onClose: () => void }) {
  const [asking, setAsking] = useState(false);
  const talked = chat.mailbox.entries.some((one) => one.from === "client");
  const endable = chat.site !== undefined && talked && !chat.closed && chat.online;
  const end = () => {
    chat.end();
    setAsking(false);
  };
  return (
    <>
      <header>
        <div class="heading">
          <h2>{chat.site?.name || words.title}</h2>
          <Status chat={chat} words={words} />
        </div>
        {chat.site?.sound !== false && (
          <IconButton
            icon={chat.sounds ? "bell" : "mute"}
            label={words.sound}
            pressed={chat.sounds}
            onClick={() => (chat.sounds = !chat.sounds)}
            id="sound"
          />
        )}
        {endable && <IconButton icon="end" label={words.end} onClick={() => setAsking(true)} id="end" />}
        <IconButton icon="cross" label={words.close} onClick={onClose} id="close" />
      </header>
      {asking && endable && <Question words={words} onEnd={end} onStay={() => setAsking(false)} />}
    </>
  );
}

function Question({ words, onEnd, onStay }: { words: Words; onEnd: () => void; onStay: () => void }) {
  const stay = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => stay.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onStay();
  };
  return (
    <div class="question" role="alertdialog" aria-label={words.endAsked} onKeyDown={onKeyDown} data-testid="question">
      <p>{words.endAsked}</p>
      <button type="button" class="link" ref={stay} onClick={onStay} data-testid="stay">
        {words.stay}
      </button>
      <button type="button" class="main wide" onClick={onEnd} data-testid="end-really">
        {words.end}
      </button>
    </div>
  );
}

/** How the connection is, in words; a short loss is not worth a word. */
function Status({ chat, words }: { chat: Chat; words: Words }) {
  const { state } = chat.link;
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (state === "online") return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state === "online"]);
  const told =
    state === "online"
      ? words.online
      : state === "stopped"
        ? words.stopped
        : late && chat.welcomed
          ? words.offline
          : words.connecting;
  return (
    <p class={`status ${state}`} role="status" data-testid="status" data-state={state}>
      {told}
    </p>
  );
}

// The bubble in the corner and the panel that it opens. The page stays usable beside the panel: it is no modal.

import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat.ts";
import { Composer } from "./Composer.tsx";
import { Messages } from "./Messages.tsx";
import type { Words } from "./words.ts";

export interface Door {
  open?: () => void;
  close?: () => void;
}

const PATIENCE_MS = 1500;

export function Widget({ chat, words, language, door }: { chat: Chat; words: Words; language: string; door: Door }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [open, setOpen] = useState(chat.kept.open);
  const bubble = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const asked = useRef(false);
  useLayoutEffect(() => chat.subscribe(() => redraw(undefined)), [chat]); // at once: a welcome may come before the paint
  const show = (wanted: boolean) => {
    asked.current = true;
    chat.kept.open = wanted;
    setOpen(wanted);
  };
  door.open = () => show(true);
  door.close = () => show(false);
  useEffect(() => {
    if (asked.current) (open ? field : bubble).current?.focus();
  }, [open]);
  useEffect(() => {
    if (open && document.visibilityState === "visible") chat.seen();
  });
  const unseen = chat.unseen;
  return (
    <>
      {open && (
        <section
          class="panel"
          role="dialog"
          aria-label={words.title}
          data-testid="panel"
          onKeyDown={(event) => {
            if (event.key === "Escape") show(false);
          }}
        >
          <header>
            <div class="heading">
              <h2>{words.title}</h2>
              <Status chat={chat} words={words} />
            </div>
            <button class="close" onClick={() => show(false)} aria-label={words.close} title={words.close} data-testid="close">
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="m6 6 12 12M18 6 6 18" />
              </svg>
            </button>
          </header>
          <Messages chat={chat} words={words} language={language} />
          <Notice chat={chat} words={words} />
          <Composer
            words={words}
            limit={chat.limit}
            disabled={chat.link.state === "stopped"}
            field={field}
            onSend={(text) => chat.say(text)}
          />
        </section>
      )}
      <button
        class={open ? "bubble opened" : "bubble"}
        ref={bubble}
        onClick={() => show(!open)}
        aria-expanded={open}
        aria-label={open ? words.close : unseen ? `${words.open}: ${words.unread(unseen)}` : words.open}
        data-testid="bubble"
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path
            d={
              open
                ? "m6 9.5 6 6 6-6"
                : "M12 3.5c4.9 0 8.8 3.3 8.8 7.5s-3.9 7.5-8.8 7.5c-1 0-2-.1-2.900-.4L4.7 20.3l1.1-3.7C4.2 15.2 3.2 13.2 3.2 11c0-4.2 3.9-7.5 8.8-7.5Z"
            }
          />
        </svg>
        {!open && unseen > 0 && (
          <span class="badge" data-testid="unread">
            {unseen > 99 ? "99+" : unseen}
          </span>
        )}
      </button>
      <div class="heard" role="status">
        {!open && unseen > 0 ? words.unread(unseen) : ""}
      </div>
    </>
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

/** What the visitor should know about a message that is not sent yet. */
function Notice({ chat, words }: { chat: Chat; words: Words }) {
  const waits = chat.link.state !== "online" && chat.link.state !== "stopped" && chat.unsent.length > 0;
  const told = chat.notice ?? (waits ? words.kept : null);
  return (
    <div role="status" data-testid="notice" class={told ? "notice" : "heard"}>
      {told}
    </div>
  );
}

// The list of messages: a live region for screen readers; it follows the newest line unless the visitor scrolled up.

import { useLayoutEffect, useRef } from "preact/hooks";

import type { Chat } from "./chat.ts";
import { type Line, lines } from "./lines.ts";
import type { Words } from "./words.ts";

const NEAR_PX = 80;

export function Messages({ chat, words, language }: { chat: Chat; words: Words; language: string }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const all = lines(chat.mailbox.entries, chat.unsent, chat.refused);
  useLayoutEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  });
  const onScroll = () => {
    const { current } = list;
    if (current) follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
  };
  return (
    <div
      class="messages"
      ref={list}
      role="log"
      aria-live="polite"
      aria-label={words.messages}
      tabIndex={0}
      onScroll={onScroll}
      data-testid="messages"
    >
      {all.length === 0 && (
        <div class="greeting">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M12 3c5 0 9 3.4 9 7.8s-4 7.8-9 7.8c-1 0-2-.1-2.9-.4L4.4 20.6l1.2-4C4 15.2 3 13.1 3 10.8 3 6.4 7 3 12 3Z" />
          </svg>
          <p>{words.greeting}</p>
        </div>
      )}
      {all.map((one) => (
        <Message key={one.key} line={one} words={words} language={language} />
      ))}
    </div>
  );
}

function Message({ line, words, language }: { line: Line; words: Words; language: string }) {
  const mine = line.from === "client";
  const who = mine ? words.you : (line.name ?? (line.from === "bot" ? words.bot : words.us));
  const time = line.at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const state = line.state === "sent" ? words.sent : line.state === "pending" ? words.pending : words.failed;
  return (
    <>
      {line.newDay && <div class="day">{day(line.at, words, language)}</div>}
      <div
        class={`message ${line.from} ${line.state}${line.first ? " first" : ""}${line.last ? " last" : ""}`}
        data-testid="message"
        data-from={line.from}
        data-state={line.state}
      >
        <span class={line.first && !mine && line.from !== "system" ? "who" : "heard"}>{who}</span>
        <div class="text" dir="auto" data-testid="message-text">
          {line.text}
        </div>
        {(line.last || line.state !== "sent") && line.from !== "system" && (
          <div class="meta">
            {line.words ? <span class="why">{line.words}</span> : <time dateTime={line.at.toISOString()}>{time}</time>}
            {mine && <Mark state={line.state} label={state} />}
          </div>
        )}
      </div>
    </>
  );
}

function Mark({ state, label }: { state: Line["state"]; label: string }) {
  const path =
    state === "sent"
      ? "m3.5 8.5 3 3 6-7"
      : state === "pending"
        ? "M8 4.5V8l2.5 1.5M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z"
        : "M8 4v5M8 11.5v.5M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z";
  return (
    <svg class="mark" viewBox="0 0 16 16" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}

function day(at: Date, words: Words, language: string): string {
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return words.today;
  now.setDate(now.getDate() - 1);
  if (at.toDateString() === now.toDateString()) return words.yesterday;
  return at.toLocaleDateString(language, { day: "numeric", month: "long" });
}

// The list of messages: a live region for screen readers; it follows the newest line unless the visitor scrolled up.

import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { Quote } from "./frames.ts";
import { Icon } from "./icons.tsx";
import { lines } from "./lines.ts";
import { Message, type Shared } from "./Message.tsx";
import type { Words } from "./words.ts";

const NEAR_PX = 80;

export function Messages({ onQuote, ...shared }: Shared & { onQuote: (quote: Quote) => void }) {
  const { chat, words, language } = shared;
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const all = lines(chat.mailbox.entries, chat.unsent, chat.outbox.refused, chat.receipts.reached);
  const { who } = chat.typing;
  const follow = () => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  };
  useLayoutEffect(follow);
  useEffect(() => {
    const watching = new ResizeObserver(follow); // a tray, a question or the table of emoji takes of its height
    if (list.current) watching.observe(list.current);
    return () => watching.disconnect();
  }, []);
  const onScroll = () => {
    const { current } = list;
    if (current) follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
  };
  const onFind = (seq: number) => {
    const found = list.current?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    found?.scrollIntoView({ block: "center" });
    found?.focus();
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
      onLoadCapture={follow}
      data-testid="messages"
    >
      {all.length === 0 && (
        <div class="greeting">
          <Icon of="chat" />
          <p>{chat.site?.greeting || words.greeting}</p>
        </div>
      )}
      {all.map((line) => (
        <Fragment key={line.key}>
          {line.newDay && <div class="day">{day(line.at, words, language)}</div>}
          <Message line={line} onQuote={onQuote} onFind={onFind} {...shared} />
        </Fragment>
      ))}
      {who !== null && (
        <div class="typing" data-testid="typing">
          <i />
          <i />
          <i />
          {words.typing(who)}
        </div>
      )}
    </div>
  );
}

function day(at: Date, words: Words, language: string): string {
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return words.today;
  now.setDate(now.getDate() - 1);
  if (at.toDateString() === now.toDateString()) return words.yesterday;
  return at.toLocaleDateString(language, { day: "numeric", month: "long" });
}

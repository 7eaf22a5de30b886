// The bubble in the corner and the panel that it opens. The page stays usable beside the panel: it is no modal.

import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

import { allowSound } from "./chime.ts";
import { colours } from "./colour.ts";
import { Composer } from "./Composer.tsx";
import type { Quote } from "./frames.ts";
import { Header } from "./Header.tsx";
import { Icon } from "./icons.tsx";
import { Introduction } from "./Introduction.tsx";
import type { Shared } from "./Message.tsx";
import { Messages } from "./Messages.tsx";

/** How the host page moves the panel. */
export interface Handle {
  show?: (open: boolean) => void;
}

export function Widget({ handle, ...shared }: Shared & { handle: Handle }) {
  const { chat, words } = shared;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [open, setOpen] = useState(chat.kept.open);
  const bubble = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const asked = useRef(false);
  useLayoutEffect(() => chat.subscribe(() => redraw(undefined)), [chat]); // at once: a welcome may come before the paint
  const show = (wanted: boolean) => {
    if (wanted === open) return;
    asked.current = true;
    chat.kept.open = wanted;
    setOpen(wanted);
    chat.tellPage(wanted ? "open" : "close");
  };
  handle.show = show;
  useEffect(() => {
    if (asked.current && !open) bubble.current?.focus();
  }, [open]);
  useEffect(() => {
    const look = () => open && document.visibilityState === "visible" && chat.seen();
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  });
  const unseen = chat.unseen;
  return (
    <div class="switchboard" style={colours(chat.site?.color)}>
      {open && <Panel {...shared} field={field} asked={asked} onClose={() => show(false)} />}
      <button
        class={open ? "bubble opened" : "bubble"}
        ref={bubble}
        onClick={() => {
          allowSound();
          show(!open);
        }}
        aria-expanded={open}
        aria-label={open ? words.close : unseen ? `${words.open}: ${words.unread(unseen)}` : words.open}
        data-testid="bubble"
      >
        <Icon of={open ? "down" : "chat"} />
        {!open && unseen > 0 && (
          <span class="badge" data-testid="unread">
            {unseen > 99 ? "99+" : unseen}
          </span>
        )}
      </button>
      <div class="heard" role="status">
        {!open && unseen > 0 ? words.unread(unseen) : ""}
      </div>
    </div>
  );
}

interface PanelProps extends Shared {
  field: { current: HTMLTextAreaElement | null };
  /** Whether the visitor wanted the panel: then the focus may go where they will write. */
  asked: { current: boolean };
  onClose: () => void;
}

function Panel({ field, asked, onClose, ...shared }: PanelProps) {
  const { chat, words } = shared;
  const [quote, setQuote] = useState<Quote>();
  const [dragged, setDragged] = useState(false);
  const takes = (chat.limits.files ?? 0) > 0;
  useEffect(() => {
    if (asked.current) field.current?.focus();
  }, [chat.asks]);
  const onQuote = (chosen: Quote | undefined) => {
    setQuote(chosen);
    field.current?.focus();
  };
  const onDrag = (event: DragEvent) => {
    if (!takes || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    setDragged(event.type === "dragover");
    if (event.type === "drop") chat.attach(event.dataTransfer.files);
  };
  return (
    <section
      class="panel"
      role="dialog"
      aria-label={words.title}
      data-testid="panel"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      onDragOver={onDrag}
      onDragLeave={() => setDragged(false)}
      onDrop={onDrag}
    >
      <Header chat={chat} words={words} onClose={onClose} />
      {chat.asks ? (
        <Introduction chat={chat} words={words} field={field} onDone={() => (asked.current = true)} />
      ) : (
        <>
          <Messages {...shared} onQuote={onQuote} />
          <Notice {...shared} />
          <Composer chat={chat} words={words} field={field} quote={quote} onQuote={onQuote} />
        </>
      )}
      {dragged && <div class="drop">{words.drop}</div>}
    </section>
  );
}

/** What the visitor should know about a message that is not sent yet. */
function Notice({ chat, words }: Shared) {
  const waits = !chat.online && chat.link.state !== "stopped" && chat.unsent.length > 0;
  const told = chat.notice ?? (waits ? words.kept : null);
  return (
    <div role="status" data-testid="notice" class={told ? "notice" : "heard"}>
      {told}
    </div>
  );
}

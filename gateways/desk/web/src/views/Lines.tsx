// The lines of a thread: ends at the newest and stays there, reads on when it is scrolled up.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { arranged, type Block } from "../arrangement.ts";
import { linesOf, type Thread } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { dayHeading, shaped } from "../times.ts";
import { serverNow } from "./clock.ts";
import { EventLine } from "./EventLine.tsx";
import { Icon } from "./Icon.tsx";
import { MessageGroup } from "./MessageGroup.tsx";
import { NoteView } from "./NoteView.tsx";
import { useSeen } from "./useSeen.ts";
import { wanted } from "./standing.ts";

interface LinesParts {
  readonly conversation: Conversation;
  readonly thread: Thread | undefined;
}

const NEAR = 80;

export function Lines({ conversation, thread }: LinesParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const own = workplace.pending.value.filter((reply) => reply.conversation === conversation.conversation_id);
  const { name } = workplace.operator.value;
  const pending = workplace.pending.value;
  const blocks = useMemo(() => arranged(linesOf(thread), own, name), [thread, pending, name]);
  const newest = blocks.reduce<string | null>((key, block) => (block.is === "group" ? block.messages.at(-1)!.key : key), null);
  const { scroll, atEnd, fresh, toEnd, onScroll } = useEnd(conversation, thread, blocks);
  workplace.lists.atEnd = atEnd;
  useWanted(conversation, thread, blocks, scroll);
  useSeen(conversation, thread, atEnd);
  return (
    <div class="lines-frame">
      <div
        class="lines"
        ref={scroll}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={words.thread.messages}
        aria-busy={thread === undefined || thread.readAt < 0}
        data-testid="lines"
      >
        <Top thread={thread} dialog={conversation.dialog_id} />
        <ol class="blocks">
          {blocks.map((block) => (
            <BlockView key={block.key} block={block} conversation={conversation} newest={newest} />
          ))}
        </ol>
      </div>
      {!atEnd && (
        <button class="button to-end" type="button" onClick={toEnd} data-testid="to-end">
          <Icon name="down" size={18} />
          <span class={fresh > 0 ? "" : "unseen"}>{fresh > 0 ? words.thread.fresh(fresh) : words.thread.latest}</span>
        </button>
      )}
    </div>
  );
}

/** What stands above the first line. */
function Top({ thread, dialog }: { thread: Thread | undefined; dialog: string }) {
  const { readings } = useWorkplace();
  const words = useWords();
  if (thread !== undefined && thread.readAt >= 0) {
    return <p class="hint centred">{thread.complete ? words.thread.start : words.thread.older}</p>;
  }
  return (
    <p class="hint centred" role="status" data-testid="thread-loading">
      {readings.states.value.get(`history ${dialog}`) === "late" ? words.outage.threadLate : words.list.loading}
    </p>
  );
}

interface BlockParts {
  readonly block: Block;
  readonly conversation: Conversation;
  readonly newest: string | null;
}

function BlockView({ block, conversation, newest }: BlockParts) {
  const app = useApp();
  const words = useWords();
  const language = app.language.value;
  if (block.is === "event") return <EventLine line={block.line} />;
  if (block.is === "note") return <NoteView line={block.line} conversation={conversation} />;
  if (block.is === "group") return <MessageGroup group={block} conversation={conversation} newest={newest} />;
  return (
    <li class="day">
      <time dateTime={block.at} title={shaped(block.at, "longDate", language)}>
        {dayHeading(block.at, serverNow(app), language, words.time)}
      </time>
    </li>
  );
}

/** Keeps the end in sight while the reader is there, and the reader's place while older lines come in above. */
function useEnd(conversation: Conversation, thread: Thread | undefined, blocks: readonly Block[]) {
  const workplace = useWorkplace();
  const scroll = useRef<HTMLDivElement>(null);
  const before = useRef({ height: 0, from: null as number | null, count: 0 });
  const atEnd = useSignal(true);
  const fresh = useSignal(0);
  const count = blocks.reduce((sum, block) => sum + (block.is === "group" ? block.messages.length : 0), 0);

  const toEnd = (): void => {
    const box = scroll.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  };
  const onScroll = (): void => {
    const box = scroll.current;
    if (box === null) return;
    atEnd.value = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (atEnd.value) fresh.value = 0;
    if (box.scrollTop < box.clientHeight) workplace.readHistory(conversation, true);
  };
  useLayoutEffect(() => {
    const box = scroll.current;
    if (box === null) return;
    const grewAbove = before.current.from !== null && thread?.from != null && thread.from < before.current.from;
    if (grewAbove) box.scrollTop += box.scrollHeight - before.current.height;
    else if (atEnd.peek()) box.scrollTop = box.scrollHeight;
    else fresh.value += Math.max(0, count - before.current.count);
    before.current = { height: box.scrollHeight, from: thread?.from ?? null, count };
    if (box.scrollHeight <= box.clientHeight * 2) workplace.readHistory(conversation, true);
  }, [blocks, thread?.complete]);
  useEffect(() => {
    const sized = new ResizeObserver(() => {
      if (atEnd.peek()) toEnd();
    });
    if (scroll.current !== null) sized.observe(scroll.current);
    const inside = scroll.current?.querySelector(".blocks"); // pictures and players come to their size late
    if (inside != null) sized.observe(inside);
    return () => sized.disconnect();
  }, []);
  return { scroll, atEnd: atEnd.value, fresh: fresh.value, toEnd, onScroll };
}

/** Brings the line that was asked for into sight; earlier pages are read until it is there, or there are no more. */
function useWanted(
  conversation: Conversation,
  thread: Thread | undefined,
  blocks: readonly Block[],
  scroll: { current: HTMLDivElement | null },
): void {
  const workplace = useWorkplace();
  const id = wanted.value;
  useLayoutEffect(() => {
    if (id === null) return;
    const line = scroll.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
    if (line != null) {
      wanted.value = null;
      line.scrollIntoView({ block: "center" });
      line.focus({ preventScroll: true });
      line.classList.add("is-found");
      line.addEventListener("animationend", () => line.classList.remove("is-found"), { once: true });
    } else if (thread === undefined || thread.complete) {
      wanted.value = null;
    } else {
      workplace.readHistory(conversation, true);
    }
  }, [id, blocks, thread?.complete, thread?.from]);
  useEffect(() => () => void (wanted.value = null), []);
}

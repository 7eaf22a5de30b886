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
  const { scroll, atEnd, fresh, toEnd, onScroll } = useEnd(conversation, thread, blocks);
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
        <ol>
          {blocks.map((block) => (
            <BlockView key={block.key} block={block} conversation={conversation} />
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

function BlockView({ block, conversation }: { block: Block; conversation: Conversation }) {
  const app = useApp();
  const words = useWords();
  const language = app.language.value;
  if (block.is === "event") return <EventLine line={block.line} />;
  if (block.is === "group") return <MessageGroup group={block} conversation={conversation} />;
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
    return () => sized.disconnect();
  }, []);
  return { scroll, atEnd: atEnd.value, fresh: fresh.value, toEnd, onScroll };
}

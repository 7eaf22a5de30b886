// The open conversation: who it is, what may be done, its lines, and the field for the reply.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { takesFiles } from "../limits.ts";
import { mayReply } from "../permissions.ts";
import { MOVED_ON } from "../replying.ts";
import { isStale, linesOf } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { ChannelBar } from "./ChannelBar.tsx";
import { ClientCard } from "./ClientCard.tsx";
import { Composer } from "./Composer.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { Lines } from "./Lines.tsx";
import { NoticeBox } from "./NoticeBox.tsx";
import { OfferStrip } from "./OfferStrip.tsx";
import { cardShown, useStanding } from "./standing.ts";
import { ThreadHead } from "./ThreadHead.tsx";
import { TypingLine } from "./TypingLine.tsx";

export function Thread() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const id = app.route.value.conversation;
  const known = id === null ? undefined : workplace.model.value.conversations.get(id);
  const reading = workplace.readings.states.value.get(`conversation ${id}`);
  useEffect(() => {
    if (id !== null && known === undefined) workplace.readConversation(id);
  }, [workplace, id, known]);

  if (id === null) return <Nothing words={words.thread.none} hint={words.thread.noneHint} />;
  if (known?.state != null) return <Opened key={id} conversation={known.state} />;
  if (known !== undefined || reading === "refused") return <Nothing words={words.thread.gone} />;
  return <Nothing words={reading === "late" ? words.outage.threadLate : words.list.loading} />;
}

function Nothing({ words, hint }: { words: string; hint?: string }) {
  return (
    <main class="thread nothing" data-testid="thread-empty">
      <Icon name="all" size={44} />
      <p>{words}</p>
      {hint !== undefined && <p class="hint">{hint}</p>}
    </main>
  );
}

function Opened({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const thread = workplace.model.value.threads.get(conversation.dialog_id);
  const stale = isStale(thread);
  useEffect(() => {
    if (stale) workplace.readHistory(conversation);
  }, [workplace, conversation.conversation_id, stale, thread?.readAt, thread === undefined]);
  useReading(conversation);
  const { over, ...dropping } = useDrop(conversation);
  return (
    <main
      class={`thread ${cardShown.value ? "with-card" : ""}`}
      data-testid="thread"
      data-id={conversation.conversation_id}
      data-status={conversation.status}
      {...dropping}
    >
      <ThreadHead conversation={conversation} />
      <div class="talk">
        <ChannelBar conversation={conversation} />
        <OfferStrip conversation={conversation} />
        <Lines conversation={conversation} thread={thread} />
        <TypingLine conversation={conversation} />
        <NoticeBox about={conversation.conversation_id} but={MOVED_ON} />
        <Composer conversation={conversation} />
        {over && <p class="drop">{words.composer.drop}</p>}
      </div>
      <ClientCard conversation={conversation} />
    </main>
  );
}

/** Files that are dragged over the thread are for the reply, where a reply may be written. */
function useDrop(conversation: Conversation) {
  const { uploads } = useWorkplace();
  const standing = useStanding(conversation);
  const over = useSignal(false);
  const takes = mayReply(standing) && takesFiles(standing.capabilities);
  const onDragOver = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault(); // else the browser opens the file in place of the page
    event.dataTransfer.dropEffect = takes ? "copy" : "none";
    over.value = takes;
  };
  const onDragLeave = (event: DragEvent): void => {
    const inside = event.relatedTarget instanceof Node && (event.currentTarget as Node).contains(event.relatedTarget);
    if (!inside) over.value = false;
  };
  const onDrop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    over.value = false;
    if (files.length === 0) return;
    event.preventDefault();
    if (takes) uploads.add(conversation.conversation_id, files, standing.capabilities);
  };
  return { over: over.value, onDragOver, onDragLeave, onDrop };
}

/** One's own conversation is read when its lines stand on a screen that somebody looks at. */
function useReading(conversation: Conversation): void {
  const workplace = useWorkplace();
  const thread = workplace.model.value.threads.get(conversation.dialog_id);
  const last = linesOf(thread).at(-1)?.position;
  const unread = conversation.unread > 0 || conversation.marked_unread;
  const mine = conversation.assignee === workplace.viewer;
  useEffect(() => {
    const read = (): void => {
      if (last === undefined || !unread || !mine || document.visibilityState !== "visible") return;
      void workplace.actions.read(conversation, last);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [workplace, conversation.version, last, unread, mine]);
}

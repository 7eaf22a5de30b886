// The open conversation: who it is, what may be done, its lines, and the field for the reply.

import { useEffect } from "preact/hooks";
import { isStale, linesOf } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { Composer } from "./Composer.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { Lines } from "./Lines.tsx";
import { NoticeBox } from "./NoticeBox.tsx";
import { ThreadHead } from "./ThreadHead.tsx";

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
  const thread = workplace.model.value.threads.get(conversation.dialog_id);
  const stale = isStale(thread);
  useEffect(() => {
    if (stale) workplace.readHistory(conversation);
  }, [workplace, conversation.conversation_id, stale, thread?.readAt, thread === undefined]);
  useReading(conversation);
  return (
    <main class="thread" data-testid="thread" data-id={conversation.conversation_id} data-status={conversation.status}>
      <ThreadHead conversation={conversation} />
      <Lines conversation={conversation} thread={thread} />
      <NoticeBox about={conversation.conversation_id} />
      <Composer conversation={conversation} />
    </main>
  );
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

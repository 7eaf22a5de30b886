// What the reader has seen of a conversation: its version while the end of its thread stands on a screen that
// somebody looks at. A reply says it, and is refused where the conversation has moved on since.

import { useEffect } from "preact/hooks";
import { isStale, linesOf, type Thread } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { useWorkplace } from "./context.ts";

export function useSeen(conversation: Conversation, thread: Thread | undefined, atEnd: boolean): void {
  const { seen } = useWorkplace();
  const { conversation_id: id, version } = conversation;
  const last = isStale(thread) ? undefined : linesOf(thread).at(-1)?.position;
  useEffect(() => {
    const look = (): void => {
      if (atEnd && last !== undefined && document.visibilityState === "visible") seen.set(id, { version, position: last });
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [id, version, last, atEnd]);
}

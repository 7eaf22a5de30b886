// Under the lines: that somebody writes. Its place is kept, so that nothing moves.

import { nameOf } from "../people.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";

export function TypingLine({ conversation }: { conversation: Conversation }) {
  const { heard } = useWorkplace();
  const words = useWords();
  const writer = heard.writers.value.get(conversation.dialog_id);
  const name = writer?.by === "operator" ? (writer.name ?? words.events.colleague) : nameOf(conversation, words);
  return (
    <p class="typing" aria-live="off" data-testid="typing">
      {writer !== undefined && words.thread.writes(name)}
    </p>
  );
}

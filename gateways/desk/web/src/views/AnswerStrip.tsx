// Above the field of an answer to a mail: what it is about, to whom it goes, who got the client's mail besides.

import { useMemo } from "preact/hooks";
import { addressed, answered, answerTo } from "../letters.ts";
import { linesOf } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { People } from "./LetterView.tsx";

export function AnswerStrip({ conversation }: { conversation: Conversation }) {
  const { letters } = useWords();
  const thread = useWorkplace().model.value.threads.get(conversation.dialog_id);
  const mail = useMemo(() => answered(linesOf(thread)), [thread]);
  if (mail === null) return null;
  const { subject, to, besides } = answerTo(mail);
  return (
    <dl class="letter-people is-answer" aria-label={letters.answer} data-testid="answer-strip">
      <People term={letters.subject} names={[subject]} />
      <People term={letters.to} names={to.map(addressed)} />
      <People term={letters.besides} names={besides.map(addressed)} />
    </dl>
  );
}

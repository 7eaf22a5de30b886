// Above the field of an answer to a mail: what it is about, to whom it goes, who got the client's mail besides; and
// where dialogs are threads, fields that change the subject and the copies. What stands in them is what is sent.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { copiesIn } from "../addresses.ts";
import { addressed, answered, answerTo, type Heading, headingOf, LONGEST_SUBJECT } from "../letters.ts";
import { linesOf } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { People } from "./LetterView.tsx";
import { focusField } from "./MessageActs.tsx";
import { useStanding } from "./standing.ts";

export function AnswerStrip({ conversation }: { conversation: Conversation }) {
  const { letters, firsts } = useWords();
  const { model, writing } = useWorkplace();
  const thread = model.value.threads.get(conversation.dialog_id);
  const mail = useMemo(() => answered(linesOf(thread)), [thread]);
  const { threads } = useStanding(conversation).capabilities;
  const id = conversation.conversation_id;
  const heading = writing.headings.value.get(id);
  if (mail === null) return null;
  const { subject, to, besides } = answerTo(mail);
  const turn = (): void => {
    writing.head(id, heading === undefined ? headingOf(mail) : null);
    if (heading !== undefined) focusField();
  };
  return (
    <div class="answer-strip" data-testid="answer-strip">
      <dl class="letter-people is-answer" aria-label={letters.answer}>
        {heading === undefined && <People term={letters.subject} names={[subject]} />}
        <People term={letters.to} names={to.map(addressed)} />
        {heading === undefined && <People term={letters.besides} names={besides.map(addressed)} />}
      </dl>
      {heading !== undefined && <HeadingFields id={id} heading={heading} leave={turn} />}
      {threads === true && (
        <button class="link" type="button" aria-expanded={heading !== undefined} data-testid="heading-change" onClick={turn}>
          {heading === undefined ? firsts.change : firsts.usual}
        </button>
      )}
    </div>
  );
}

interface FieldsParts {
  readonly id: string;
  readonly heading: Heading;
  leave(): void;
}

/** Enter goes on to the words, Escape leaves everything as usual. */
function HeadingFields({ id, heading, leave }: FieldsParts) {
  const { letters, firsts } = useWords();
  const { writing } = useWorkplace();
  const first = useRef<HTMLInputElement>(null);
  const wrong = copiesIn(heading.copies) === null;
  useEffect(() => first.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    if (event.key === "Escape") leave();
    else focusField();
  };
  const change = (changes: Partial<Heading>): void => writing.head(id, { ...heading, ...changes });
  return (
    <div class="heading-fields" role="group" aria-label={firsts.changing} onKeyDown={onKeyDown}>
      <label>
        <span>{letters.subject}</span>
        <input
          ref={first}
          value={heading.subject}
          maxLength={LONGEST_SUBJECT}
          dir="auto"
          autocomplete="off"
          data-testid="heading-subject"
          onInput={(event) => change({ subject: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>{letters.cc}</span>
        <input
          value={heading.copies}
          placeholder={firsts.copiesHint}
          aria-invalid={wrong}
          autocomplete="off"
          data-testid="heading-copies"
          onInput={(event) => change({ copies: event.currentTarget.value })}
        />
      </label>
      {wrong && (
        <p class="field-error" role="alert">
          {firsts.copiesWrong}
        </p>
      )}
    </div>
  );
}

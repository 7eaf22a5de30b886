// A note in the thread: who wrote it, its words, and a way to delete it for who wrote it.

import { useRef } from "preact/hooks";
import { textOf } from "../contract.ts";
import { operatorName } from "../people.ts";
import { shaped } from "../times.ts";
import type { Conversation, Line } from "../wire.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { focusField } from "./MessageActs.tsx";

export function NoteView({ line, conversation }: { line: Line; conversation: Conversation }) {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const language = app.language.value;
  const { author, deleted_at: deleted } = line;
  const name = operatorName(workplace.directory.value, author?.id, words, author?.name);
  const mine = author?.kind === "operator" && author.id === workplace.viewer;
  return (
    <li class="note" data-testid="note" data-id={line.entry_id} tabIndex={-1}>
      <p class="note-head">
        <Icon name="note" size={15} />
        <span>{words.note.by(name)}</span>
        <time dateTime={line.at} title={shaped(line.at, "whole", language)}>
          {shaped(line.at, "clock", language)}
        </time>
        {mine && deleted == null && <Remove line={line} conversation={conversation} />}
      </p>
      <p class={`said ${deleted == null ? "" : "faint"}`} data-testid="note-text" dir="auto">
        {deleted == null ? textOf(line.content) : words.note.deleted}
      </p>
    </li>
  );
}

function Remove({ line, conversation }: { line: Line; conversation: Conversation }) {
  const { actions } = useWorkplace();
  const words = useWords();
  const question = useRef<HTMLDialogElement>(null);
  const remove = (): void => {
    question.current?.close();
    void actions.removeNote(conversation, line.entry_id).then(focusField);
  };
  return (
    <>
      <button
        class="button bare icon-only note-remove"
        type="button"
        aria-label={words.note.remove}
        title={words.note.remove}
        data-testid="note-remove"
        onClick={() => question.current?.showModal()}
      >
        <Icon name="bin" size={15} />
      </button>
      <dialog class="question" ref={question} aria-label={words.note.remove}>
        <p>{words.note.removeQuestion}</p>
        <div class="question-answers">
          <button class="button" type="button" onClick={() => question.current?.close()}>
            {words.thread.keep}
          </button>
          <button class="button primary" type="button" data-testid="note-remove-yes" onClick={remove}>
            {words.thread.remove}
          </button>
        </div>
      </dialog>
    </>
  );
}

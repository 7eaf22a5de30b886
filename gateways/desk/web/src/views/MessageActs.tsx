// What may be done with a message: quote, change, delete. By pointer beside it; by keyboard the last message's
// stand in the order of Tab, and the arrows lead from message to message.

import { useRef } from "preact/hooks";
import type { Message } from "../arrangement.ts";
import type { May } from "../permissions.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Icon, type IconName } from "./Icon.tsx";
import { kindWords } from "../words/index.ts";

interface ActsParts {
  readonly message: Message;
  readonly may: May;
  readonly author: string;
  readonly conversation: Conversation;
  /** By Tab. */
  readonly reached: boolean;
}

export function MessageActs({ message, may, author, conversation, reached }: ActsParts) {
  const { writing, actions } = useWorkplace();
  const words = useWords();
  const question = useRef<HTMLDialogElement>(null);
  const id = conversation.conversation_id;
  if (!may.quote && !may.change && !may.remove) return null;
  const text = message.text === "" ? kindWords(message.parts[0]?.kind ?? "message", words) : message.text;
  const quote = (): void => {
    writing.quote(id, { id: message.key, author, text });
    focusField();
  };
  const change = (): void => {
    writing.change(id, { id: message.key, before: message.text, text: message.text });
    focusField();
  };
  return (
    <div class="message-acts" role="group" aria-label={words.thread.acts(text.slice(0, 60))} onKeyDown={moveAmong}>
      {may.quote && <Act name="quote" icon="quote" words={words.thread.quote} act={quote} reached={reached} />}
      {may.change && <Act name="edit" icon="pencil" words={words.thread.edit} act={change} reached={reached} />}
      {may.remove && (
        <Act
          name="delete"
          icon="bin"
          words={words.thread.remove}
          act={() => question.current?.showModal()}
          reached={reached}
        />
      )}
      {may.remove && (
        <dialog class="question" ref={question} aria-label={words.thread.remove} data-testid="delete-question">
          <p>{words.thread.removeQuestion}</p>
          <div class="question-answers">
            <button class="button" type="button" onClick={() => question.current?.close()}>
              {words.thread.keep}
            </button>
            <button
              class="button primary"
              type="button"
              data-testid="delete-yes"
              onClick={() => {
                question.current?.close();
                void actions.remove(conversation, message.key);
              }}
            >
              {words.thread.remove}
            </button>
          </div>
        </dialog>
      )}
    </div>
  );
}

interface ActParts {
  readonly name: string;
  readonly icon: IconName;
  readonly words: string;
  readonly reached: boolean;
  act(): void;
}

function Act({ name, icon, words, act, reached }: ActParts) {
  return (
    <button
      class="button bare icon-only"
      type="button"
      title={words}
      aria-label={words}
      tabIndex={reached ? 0 : -1}
      onClick={act}
      data-testid={name}
    >
      <Icon name={icon} size={16} />
    </button>
  );
}

export function focusField(): void {
  document.querySelector<HTMLElement>("[data-testid=reply]")?.focus();
}

/** The same act of the message above or below. */
function moveAmong(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const groups = [...document.querySelectorAll<HTMLElement>(".lines .message-acts")];
  const next = groups[groups.indexOf(event.currentTarget as HTMLElement) + step];
  const button = next?.querySelector<HTMLElement>("button");
  if (button == null) return;
  event.preventDefault();
  button.focus();
}

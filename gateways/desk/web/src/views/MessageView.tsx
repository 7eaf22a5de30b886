// One message: what it quotes, what it holds, what it says — always text, never markup — and how far it came.

import { useSignal } from "@preact/signals";
import type { Message, Shown } from "../arrangement.ts";
import { nameOf } from "../people.ts";
import { mayWith } from "../permissions.ts";
import { shaped } from "../times.ts";
import type { Conversation } from "../wire.ts";
import { useApp, useWords } from "./context.ts";
import { ButtonRows, Forwarded, Pressed, Reactions } from "./Around.tsx";
import { Fate } from "./Fate.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { LetterFoot, LetterHead } from "./LetterView.tsx";
import { MarkedText } from "./MarkedText.tsx";
import { MessageActs } from "./MessageActs.tsx";
import { Parts } from "./parts/Parts.tsx";
import { QuotedLine } from "./QuotedLine.tsx";
import { useStanding } from "./standing.ts";

interface MessageParts {
  readonly message: Message;
  readonly side: "in" | "out";
  readonly author: string;
  readonly conversation: Conversation;
  /** The newest of all: its acts stand in the order of Tab. */
  readonly newest: boolean;
}

export function MessageView({ message, side, author, conversation, newest }: MessageParts) {
  const words = useWords();
  const may = mayWith(message, useStanding(conversation));
  const { buttons, forwarded, pressed, technical } = message.beside;
  return (
    <li
      class={`message ${message.state === null ? "" : `is-${message.state}`} ${technical ? "is-technical" : ""}`}
      data-technical={technical || undefined}
      data-testid="message"
      data-id={message.key}
      data-side={side}
      data-state={message.state ?? undefined}
      tabIndex={-1}
    >
      <div class="message-row">
        <div class="bubble">
          {message.quote !== null && !message.deleted && <QuotedLine quote={message.quote} dialog={conversation.dialog_id} />}
          {forwarded !== null && <Forwarded from={forwarded} />}
          {message.mail !== null && <LetterHead mail={message.mail} />}
          {!message.deleted && message.parts.length > 0 && <Parts parts={message.parts} />}
          {pressed !== null && !message.deleted && <Pressed label={pressed} />}
          <Said message={message} />
          {message.mail !== null && <LetterFoot mail={message.mail} message={message.key} />}
          <Stamp message={message} />
        </div>
        <MessageActs message={message} may={may} author={author} conversation={conversation} reached={newest} />
      </div>
      {buttons.length > 0 && !message.deleted && <ButtonRows buttons={buttons} />}
      <Reactions reactions={message.reactions} client={nameOf(conversation, words)} />
      <Fate message={message} may={may} conversation={conversation} />
    </li>
  );
}

/** Its words; of one that was changed or taken back, what it said before when that is asked for. */
export function Said({ message }: { message: Message }) {
  const words = useWords();
  const shown = useSignal(false);
  const { pressed } = message.beside;
  const empty = message.text === "" && message.parts.length === 0 && message.mail === null && pressed === null;
  const repeats = pressed !== null && pressed === message.text && !message.deleted;
  const before = (message.edited || message.deleted) && message.original !== "";
  return (
    <>
      {(message.text !== "" || message.deleted || empty) && !repeats && (
        <p class={`said ${message.deleted || empty ? "faint" : ""}`} data-testid="message-text" dir="auto">
          {message.deleted ? words.thread.deleted : empty ? words.thread.unsupported : <Text message={message} />}
        </p>
      )}
      {before && (
        <button
          class="link"
          type="button"
          aria-expanded={shown.value}
          data-testid="original-toggle"
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          {shown.value ? words.thread.hideOriginal : words.thread.showOriginal}
        </button>
      )}
      {before && shown.value && (
        <p class="original" data-testid="original" dir="auto">
          {message.original}
        </p>
      )}
    </>
  );
}

function Text({ message }: { message: Message }) {
  return message.marked === null ? <>{message.text}</> : <MarkedText nodes={message.marked} />;
}

export function Stamp({ message }: { message: Message }) {
  const app = useApp();
  const words = useWords();
  const language = app.language.value;
  return (
    <p class="stamp">
      {message.edited && !message.deleted && <span data-testid="edited">{words.thread.edited}</span>}
      {message.external && <span data-testid="elsewhere">{words.messengers.elsewhere}</span>}
      {message.beside.technical && <span>{words.messengers.technical}</span>}
      {message.late && <span>{words.thread.late}</span>}
      <time dateTime={message.at} title={shaped(message.at, "whole", language)}>
        {shaped(message.at, "clock", language)}
      </time>
      {message.state !== null && <State state={message.state} />}
    </p>
  );
}

const ICONS: Readonly<Record<Shown, IconName>> = {
  sending: "clock",
  saved: "clock",
  queued: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
  failed: "warning",
  unconfirmed: "warning",
};

function State({ state }: { state: Shown }) {
  const words = useWords();
  return (
    <span class={`state is-${state}`} title={words.delivery[state]} data-testid="message-state">
      <Icon name={ICONS[state]} size={15} />
      <span class="unseen">{words.delivery[state]}</span>
    </span>
  );
}

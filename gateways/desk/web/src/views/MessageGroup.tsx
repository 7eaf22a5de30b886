// Messages of one author, close in time. The words are always text, never markup.

import type { Block, Message, Shown } from "../arrangement.ts";
import { nameOf } from "../people.ts";
import { shaped } from "../times.ts";
import type { Conversation } from "../wire.ts";
import { useApp, useWords } from "./context.ts";
import { Icon, type IconName } from "./Icon.tsx";

type Group = Extract<Block, { is: "group" }>;

export function MessageGroup({ group, conversation }: { group: Group; conversation: Conversation }) {
  const words = useWords();
  const author = group.author ?? (group.side === "in" ? nameOf(conversation, words) : words.list.us);
  return (
    <li class={`group side-${group.side}`}>
      <p class="group-author">{author}</p>
      <ol>
        {group.messages.map((message) => (
          <MessageView key={message.key} message={message} side={group.side} />
        ))}
      </ol>
    </li>
  );
}

function MessageView({ message, side }: { message: Message; side: "in" | "out" }) {
  const app = useApp();
  const words = useWords();
  const language = app.language.value;
  return (
    <li
      class={`message ${message.state === null ? "" : `is-${message.state}`}`}
      data-testid="message"
      data-id={message.key}
      data-side={side}
      data-state={message.state ?? undefined}
    >
      <div class="bubble">
        <p class={`said ${message.deleted || !message.supported ? "faint" : ""}`} data-testid="message-text" dir="auto">
          {message.deleted ? words.thread.deleted : message.supported ? message.text : words.thread.unsupported}
        </p>
        <p class="stamp">
          {message.edited && <span>{words.thread.edited}</span>}
          {message.late && <span>{words.thread.late}</span>}
          <time dateTime={message.at} title={shaped(message.at, "whole", language)}>
            {shaped(message.at, "clock", language)}
          </time>
          {message.state !== null && <State state={message.state} />}
        </p>
      </div>
      {isTold(message.state) && (
        <p class="fate" data-testid="message-fate">
          {words.delivery[message.state]}
          {message.words !== null && `: ${message.words}`}
        </p>
      )}
    </li>
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

/** What deserves a sentence of its own under the message. */
function isTold(state: Shown | null): state is "saved" | "failed" | "unconfirmed" {
  return state === "saved" || state === "failed" || state === "unconfirmed";
}

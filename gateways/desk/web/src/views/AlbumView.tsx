// An album: several messages that were sent together, as one grid with the words of all beneath.

import type { Message } from "../arrangement.ts";
import { mayWith } from "../permissions.ts";
import type { Conversation } from "../wire.ts";
import { Forwarded, Reactions } from "./Around.tsx";
import { useWords } from "./context.ts";
import { Fate } from "./Fate.tsx";
import { MessageActs } from "./MessageActs.tsx";
import { Said, Stamp } from "./MessageView.tsx";
import { Parts } from "./parts/Parts.tsx";
import { QuotedLine } from "./QuotedLine.tsx";
import { nameOf } from "../people.ts";
import { useStanding } from "./standing.ts";

interface AlbumParts {
  readonly messages: readonly Message[];
  readonly side: "in" | "out";
  readonly author: string;
  readonly conversation: Conversation;
  readonly newest: boolean;
}

export function AlbumView({ messages, side, author, conversation, newest }: AlbumParts) {
  const standing = useStanding(conversation);
  const client = nameOf(conversation, useWords());
  const [first] = messages as readonly [Message, ...Message[]];
  const told = messages.find(({ text }) => text !== "") ?? first;
  const last = messages.at(-1) ?? first;
  const quote = messages.find((message) => message.quote !== null)?.quote ?? null;
  const forwarded = first.beside.forwarded;
  const worded = messages.filter((message) => message.text !== "" || message.edited);
  return (
    <li class="message" data-testid="album" data-side={side} data-count={messages.length}>
      <div class="message-row">
        <div class="bubble">
          {quote !== null && <QuotedLine quote={quote} dialog={conversation.dialog_id} />}
          {forwarded !== null && <Forwarded from={forwarded} />}
          <ol class={`album ${messages.length % 2 === 1 ? "is-odd" : ""}`}>
            {messages.map((message) => (
              <li key={message.key} data-testid="message" data-id={message.key} data-side={side} data-state={message.state ?? undefined} tabIndex={-1}>
                <Parts parts={message.parts} />
              </li>
            ))}
          </ol>
          {worded.map((message) => (
            <Said key={message.key} message={message} />
          ))}
          <Stamp message={last} />
        </div>
        <MessageActs message={told} may={mayWith(told, standing)} author={author} conversation={conversation} reached={newest} />
      </div>
      <Reactions reactions={messages.flatMap(({ reactions }) => reactions)} client={client} />
      {messages.map((message) => (
        <Fate key={message.key} message={message} may={mayWith(message, standing)} conversation={conversation} />
      ))}
    </li>
  );
}

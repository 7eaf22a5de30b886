// What deserves a sentence of its own under a message: it is saved only, it failed and why, and the way on.

import type { Filled } from "../approved.ts";
import type { Message, Shown } from "../arrangement.ts";
import type { Beside } from "../outbox.ts";
import type { May } from "../permissions.ts";
import { unstopped } from "../reasons.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { useSpoken } from "./spoken.ts";

interface FateParts {
  readonly message: Message;
  readonly may: May;
  readonly conversation: Conversation;
}

export function Fate({ message, may, conversation }: FateParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const spoken = useSpoken();
  if (!isTold(message.state)) return null;
  const reason = spoken.reason(message.words, message.code);
  const twice = may.repeat && message.state === "unconfirmed";
  const again = (): void => {
    const { message_id: id, author, text } = message.quote ?? {};
    const quote = id == null ? {} : { quote: { id, author: author ?? "", text: text ?? "" } };
    const seen = workplace.seen.get(conversation.conversation_id);
    const template = templateOf(message);
    const beside: Beside = { resendOf: message.key, ...quote, ...(template && { template }), ...(seen && { seen }) };
    workplace.actions.dismiss(conversation.conversation_id);
    workplace.outbox.send(conversation.conversation_id, message.text, beside);
  };
  return (
    <p class="fate" data-testid="message-fate">
      {words.delivery[message.state]}
      {reason !== "" && `: ${twice ? unstopped(reason) : reason}`}
      {twice && `. ${words.messengers.twice}`}
      {may.repeat && (
        <button class="link" type="button" onClick={again} data-testid="send-again">
          {words.thread.again}
        </button>
      )}
    </p>
  );
}

function templateOf({ parts }: Message): Filled | null {
  const part = parts.find(({ kind }) => kind === "template");
  return part === undefined ? null : { name: part.name ?? "", language: part.language ?? "", parameters: part.parameters ?? [] };
}

function isTold(state: Shown | null): state is "saved" | "failed" | "unconfirmed" {
  return state === "saved" || state === "failed" || state === "unconfirmed";
}

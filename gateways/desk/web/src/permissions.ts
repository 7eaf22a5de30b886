// What the operator may do with the messages of a conversation, by the same rules as the router: pure.

import type { Message } from "./arrangement.ts";
import type { Capabilities } from "./contract.ts";
import type { Conversation, Right } from "./wire.ts";

export interface Standing {
  readonly viewer: string;
  readonly rights: readonly Right[];
  readonly conversation: Conversation;
  readonly capabilities: Capabilities;
}

export interface May {
  readonly quote: boolean;
  readonly change: boolean;
  readonly remove: boolean;
  readonly repeat: boolean;
}

export function mayReply({ viewer, rights, conversation }: Standing): boolean {
  const { assignee, status } = conversation;
  return status !== "closed" && rights.includes("reply") && (assignee == null || assignee === viewer);
}

export function mayWith(message: Message, standing: Standing): May {
  const { capabilities, conversation, viewer } = standing;
  const replies = mayReply(standing) && message.kept;
  const own = replies && message.operator === viewer && conversation.assignee === viewer && !message.deleted;
  const bare = replies && message.parts.length === 0; // a file stands in one message only
  const arrived = message.state === "sent" || message.state === "delivered" || message.state === "read";
  return {
    quote: replies && !message.deleted && message.state !== "failed" && capabilities.quote === true,
    change: own && arrived && message.text !== "" && capabilities.edit === true,
    remove: own && arrived && capabilities.delete === true,
    repeat: bare && message.operator !== null && message.state === "failed" && !message.deleted,
  };
}

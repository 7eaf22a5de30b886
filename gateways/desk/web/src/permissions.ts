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

/** To one's own, where one takes part, to one that nobody has, and by right to a colleague's, which takes it over. */
export function mayReply({ viewer, rights, conversation }: Standing): boolean {
  const { assignee, participants, status } = conversation;
  const inside = assignee == null || assignee === viewer || participants?.includes(viewer) === true;
  return status !== "closed" && rights.includes("reply") && (inside || rights.includes("others.reply"));
}

export function mayWith(message: Message, standing: Standing): May {
  const { capabilities, conversation, viewer } = standing;
  const replies = mayReply(standing) && message.kept;
  const own = replies && message.operator === viewer && conversation.assignee === viewer && !message.deleted;
  const template = message.parts.some(({ kind }) => kind === "template");
  const bare = replies && message.parts.every(({ kind }) => kind === "template"); // a file stands in one message only
  const lost = message.state === "failed" || message.state === "unconfirmed";
  const arrived = message.state === "sent" || message.state === "delivered" || message.state === "read";
  return {
    quote: replies && !message.deleted && message.state !== "failed" && capabilities.quote === true,
    change: own && arrived && message.text !== "" && !template && capabilities.edit === true,
    remove: own && arrived && capabilities.delete === true,
    repeat: bare && message.operator !== null && lost && !message.external && !message.deleted,
  };
}

// Messages of one author, close in time.

import type { Block } from "../arrangement.ts";
import { nameOf } from "../people.ts";
import type { Conversation } from "../wire.ts";
import { useWords } from "./context.ts";
import { MessageView } from "./MessageView.tsx";

type Group = Extract<Block, { is: "group" }>;

interface GroupParts {
  readonly group: Group;
  readonly conversation: Conversation;
  readonly newest: string | null;
}

export function MessageGroup({ group, conversation, newest }: GroupParts) {
  const words = useWords();
  const author = group.author ?? (group.side === "in" ? nameOf(conversation, words) : words.list.us);
  return (
    <li class={`group side-${group.side}`}>
      <p class="group-author">{author}</p>
      <ol>
        {group.messages.map((message) => (
          <MessageView
            key={message.key}
            message={message}
            side={group.side}
            author={author}
            conversation={conversation}
            newest={message.key === newest}
          />
        ))}
      </ol>
    </li>
  );
}

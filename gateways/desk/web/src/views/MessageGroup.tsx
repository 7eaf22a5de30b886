// Messages of one author, close in time.

import { albumsIn, type Block } from "../arrangement.ts";
import { nameOf } from "../people.ts";
import type { Conversation } from "../wire.ts";
import { useWords } from "./context.ts";
import { AlbumView } from "./AlbumView.tsx";
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
        {albumsIn(group.messages).map((run) => {
          const [message] = run;
          if (message === undefined) return null;
          const said = { side: group.side, author, conversation };
          return run.length > 1 ? (
            <AlbumView key={message.key} messages={run} newest={run.at(-1)?.key === newest} {...said} />
          ) : (
            <MessageView key={message.key} message={message} newest={message.key === newest} {...said} />
          );
        })}
      </ol>
    </li>
  );
}

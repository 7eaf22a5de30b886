// Who the client is, how the conversation stands, and what may be done with it.

import { accountName, nameOf, operatorName } from "../people.ts";
import { address } from "../route.ts";
import type { Conversation } from "../wire.ts";
import { Avatar } from "./Avatar.tsx";
import { ChannelIcon } from "./ChannelIcon.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { ConversationActs } from "./ConversationActs.tsx";
import { Icon } from "./Icon.tsx";
import { cardShown, showCard } from "./standing.ts";
import { Waiting } from "./Waiting.tsx";
import { Why } from "./Why.tsx";

export function ThreadHead({ conversation }: { conversation: Conversation }) {
  const app = useApp();
  const words = useWords();
  const name = nameOf(conversation, words);
  return (
    <header class="head">
      <a class="button bare icon-only head-back" href={address(app.route.value.folder)} aria-label={words.thread.back} data-testid="back">
        <Icon name="back" />
      </a>
      <Avatar name={name} id={conversation.dialog_id} />
      <div class="head-who">
        <h2 data-testid="thread-name">{name}</h2>
        <Facts conversation={conversation} />
      </div>
      <ConversationActs conversation={conversation} />
      <button
        class="button bare icon-only head-card"
        type="button"
        aria-label={words.client.show}
        title={words.client.show}
        aria-expanded={cardShown.value}
        aria-controls={cardShown.value ? "client-card" : undefined}
        data-testid="client-show"
        onClick={() => showCard(!cardShown.value)}
      >
        <Icon name="mine" />
      </button>
    </header>
  );
}

function Facts({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const model = workplace.directory.value;
  const { assignee, description, participants = [], status } = conversation;
  const others = participants.filter((id) => id !== workplace.viewer);
  const name = (id: string): string => operatorName(model, id, words);
  return (
    <div class="head-facts">
      <span class={`status is-${status}`} data-testid="status">
        {words.thread.status[status]}
      </span>
      <span class="head-account">
        <ChannelIcon channel={conversation.channel} /> {accountName(model, conversation.account)}
      </span>
      {assignee != null && assignee !== workplace.viewer && (
        <span data-testid="assignee">{words.list.with(operatorName(model, assignee, words))}</span>
      )}
      {others.length > 0 && <span title={others.map(name).join(", ")}>{words.list.taking(others.length)}</span>}
      <Waiting conversation={conversation} />
      {assignee == null && status !== "closed" && <Why conversation={conversation} />}
      {description != null && (
        <span class="head-description" title={description} data-testid="description">
          {description}
        </span>
      )}
    </div>
  );
}

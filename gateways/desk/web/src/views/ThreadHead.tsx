// Who the client is, and the acts: accept, close, mark unread.

import { accountName, nameOf, operatorName } from "../people.ts";
import { address, go } from "../route.ts";
import type { Conversation } from "../wire.ts";
import { Avatar } from "./Avatar.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { cardShown, showCard } from "./standing.ts";
import { Waiting } from "./Waiting.tsx";

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
      <Acts conversation={conversation} />
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
  const model = workplace.model.value;
  const { assignee, status, waiting_since: since } = conversation;
  return (
    <p class="head-facts">
      <span class={`status is-${status}`} data-testid="status">
        {words.thread.status[status]}
      </span>
      <span class="head-account">{accountName(model, conversation.account)}</span>
      {assignee != null && assignee !== workplace.viewer && (
        <span data-testid="assignee">{words.list.with(operatorName(model, assignee, words))}</span>
      )}
      {since != null && status !== "closed" && <Waiting since={since} />}
    </p>
  );
}

function Acts({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const { actions } = workplace;
  const rights = workplace.me.value.rights;
  const id = conversation.conversation_id;
  const isOpen = conversation.status !== "closed";
  const mine = conversation.assignee === workplace.viewer;
  const untaken = conversation.assignee == null;
  const accept = async (): Promise<void> => {
    if (await actions.accept(conversation)) follow(id);
  };
  const markUnread = async (): Promise<void> => {
    if (await actions.markUnread(conversation)) leave(id);
  };
  return (
    <div class="head-acts">
      {isOpen && untaken && rights.includes("take") && (
        <Act name="accept" busy={actions.busy.value.has(`accept ${id}`)} primary act={accept} words={words.thread.accept} />
      )}
      {isOpen && mine && !conversation.marked_unread && (
        <Act name="mark-unread" busy={actions.busy.value.has(`unread ${id}`)} act={markUnread} words={words.thread.markUnread} />
      )}
      {isOpen && (mine || untaken) && rights.includes("close") && (
        <Act name="close" busy={actions.busy.value.has(`close ${id}`)} act={() => actions.close(conversation)} words={words.thread.close} />
      )}
    </div>
  );
}

interface ActParts {
  readonly name: string;
  readonly words: string;
  readonly busy: boolean;
  readonly primary?: boolean;
  act(): Promise<unknown>;
}

function Act({ name, words, busy, primary = false, act }: ActParts) {
  return (
    <button
      class={`button ${primary ? "primary" : ""} ${busy ? "is-busy" : ""}`}
      type="button"
      aria-disabled={busy}
      data-testid={name}
      onClick={() => void act()}
    >
      {words}
    </button>
  );
}

/** What was just accepted stands among one's own from now on. */
function follow(id: string): void {
  if (location.hash.endsWith(id)) go("mine", id, true);
}

/** An open conversation would be read again at once. */
function leave(id: string): void {
  if (location.hash.endsWith(id)) location.hash = location.hash.slice(0, -id.length - 1);
}

// One conversation in the list.

import { groupsOf } from "../directory.ts";
import { isTo } from "../offers.ts";
import { accountName, nameOf, operatorName } from "../people.ts";
import { address } from "../route.ts";
import { brief, shaped } from "../times.ts";
import type { Conversation, Folder } from "../wire.ts";
import { Avatar } from "./Avatar.tsx";
import { ChannelIcon } from "./ChannelIcon.tsx";
import { serverNow } from "./clock.ts";
import { toggleRow } from "./choosing.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { kindWords } from "../words/index.ts";
import { Waiting } from "./Waiting.tsx";

interface Row {
  readonly conversation: Conversation;
  readonly folder: Folder;
  readonly open: boolean;
  /** Whether it is chosen; null: nothing is being chosen. */
  readonly chosen: boolean | null;
  /** In a list of which not all is drawn, from 1; else 0. Of so many, -1: nobody knows yet. */
  readonly place: number;
  readonly of: number;
}

export function ConversationRow({ conversation, folder, open, chosen, place, of }: Row) {
  const app = useApp();
  const words = useWords();
  const language = app.language.value;
  const name = nameOf(conversation, words);
  const at = conversation.last_message_at ?? conversation.opened_at;
  const fresh = conversation.unread > 0 || conversation.marked_unread;
  return (
    <li class={chosen === null ? "" : "is-choosing"} aria-posinset={place || undefined} aria-setsize={of || undefined}>
      {chosen !== null && (
        <input
          type="checkbox"
          class="row-choice"
          checked={chosen}
          aria-label={words.move.choose(name)}
          data-testid="row-choice"
          onChange={() => toggleRow(conversation.conversation_id)}
        />
      )}
      <a
        class={`row ${fresh ? "fresh" : ""}`}
        href={address(folder, conversation.conversation_id)}
        aria-current={open ? "true" : undefined}
        data-testid="conversation"
        data-id={conversation.conversation_id}
        data-status={conversation.status}
        data-unread={conversation.unread}
      >
        <Avatar name={name} id={conversation.dialog_id} />
        <span class="row-top">
          <span class="row-name" data-testid="conversation-name">
            {name}
          </span>
          <time dateTime={at} title={shaped(at, "whole", language)}>
            {brief(at, serverNow(app), language)}
          </time>
        </span>
        <span class="row-middle">
          <Preview conversation={conversation} />
          <Badge conversation={conversation} />
        </span>
        <Foot conversation={conversation} folder={folder} />
      </a>
    </li>
  );
}

function Preview({ conversation }: { conversation: Conversation }) {
  const words = useWords();
  const text = conversation.last_text ?? "";
  const kind = conversation.last_kind;
  const instead = kind == null ? words.list.noText : kind === "deleted" ? words.thread.deleted : kindWords(kind, words);
  return (
    <span class="row-text" data-testid="conversation-text">
      {conversation.last_author === "us" && <span class="row-author">{words.list.us}: </span>}
      {text === "" ? instead : text}
    </span>
  );
}

function Badge({ conversation }: { conversation: Conversation }) {
  const words = useWords();
  const { unread, marked_unread: marked } = conversation;
  if (unread === 0 && !marked) return null;
  return (
    <span class="count hot" data-testid="unread">
      <span aria-hidden="true">{unread > 0 ? unread : "●"}</span>
      <span class="unseen">{unread > 0 ? words.list.unread(unread) : words.list.markedUnread}</span>
    </span>
  );
}

function Foot({ conversation, folder }: { conversation: Conversation; folder: Folder }) {
  const workplace = useWorkplace();
  const words = useWords();
  const model = workplace.directory.value;
  const { assignee, closed_by: closedBy, offer, status } = conversation;
  const closed = status === "closed";
  const told = !closed && folder !== "mine" && assignee != null && assignee !== workplace.viewer;
  const toMe = !closed && isTo(offer, workplace.viewer, groupsOf(model));
  const name = closedBy?.kind === "operator" ? operatorName(model, closedBy.id, words, closedBy.name) : null;
  return (
    <span class="row-foot">
      <span class="row-account">
        <ChannelIcon channel={conversation.channel} /> {accountName(model, conversation.account)}
      </span>
      {closed && name !== null && <span class="row-by">{words.list.closedBy(name)}</span>}
      {told && <Assignee name={operatorName(model, assignee, words)} />}
      {offer != null && !closed && (
        <span class={`chip ${toMe ? "is-hot" : ""}`} data-testid="row-offer">
          {toMe ? words.list.offeredToYou : words.thread.status.offered}
        </span>
      )}
      <Waiting conversation={conversation} />
    </span>
  );
}

function Assignee({ name }: { name: string }) {
  const words = useWords();
  return (
    <span class="row-with" title={words.list.with(name)}>
      <Icon name="mine" size={13} />
      <span class="row-with-name" aria-hidden="true">
        {name}
      </span>
      <span class="unseen">{words.list.with(name)}</span>
    </span>
  );
}

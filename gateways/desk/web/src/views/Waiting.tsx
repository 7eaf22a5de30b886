// Since when the client waits for an answer, counting; green, then red when it is longer than the account allows.

import { accountOf } from "../people.ts";
import { duration } from "../times.ts";
import { patienceOf } from "../waits.ts";
import type { Conversation } from "../wire.ts";
import { eachSecond } from "./clock.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

export function Waiting({ conversation }: { conversation: Conversation }) {
  const app = useApp();
  const words = useWords();
  const { directory } = useWorkplace();
  const { waiting_since: since, status } = conversation;
  if (since == null || status === "closed") return null;
  const waited = eachSecond(app) - Date.parse(since);
  const patience = patienceOf(waited, accountOf(directory.value, conversation.account)?.max_wait_seconds);
  const time = duration(waited, words.time);
  const said = patience === "over" ? words.list.waitingOver(time) : words.list.waiting(time);
  return (
    <span class={`waiting is-${patience}`} title={said} data-testid="waiting" data-patience={patience}>
      <Icon name={patience === "over" ? "warning" : "clock"} size={14} />
      <span aria-hidden="true">{time}</span>
      <span class="unseen">{said}</span>
    </span>
  );
}

// The acts that the operator may do with a conversation: what each is called, and what pressing it does.

import { type ActName, ACTS, mayDo } from "../acts.ts";
import { go } from "../route.ts";
import { keysOf } from "../shortcuts.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { openDialog } from "./dialogs.ts";
import { focusField } from "./MessageActs.tsx";
import { usePlace } from "./standing.ts";

export interface Act {
  readonly name: ActName;
  readonly words: string;
  readonly keys: string | null;
  readonly busy: boolean;
  run(): void;
}

/** Those that may be done now, in the order of the menu. */
export function useActs(conversation: Conversation): readonly Act[] {
  const workplace = useWorkplace();
  const { acts: words } = useWords();
  const place = usePlace(conversation);
  const { actions } = workplace;
  const id = conversation.conversation_id;
  const asks = place.account?.category_required === true || (place.account?.categories ?? []).length > 0;

  const verb = (path: string, body: object = {}, then: () => void = () => undefined) => (): void => {
    const from = document.activeElement;
    void actions.ofConversation(conversation, path, body).then((done) => {
      if (!done) return;
      then();
      settle(from);
    });
  };
  const window = (is: Parameters<typeof openDialog>[1]) => (): void => openDialog(workplace, is);
  const runs: Readonly<Record<ActName, () => void>> = {
    accept: verb("accept", {}, () => follow(id)),
    decline: verb("decline"),
    recall: verb("recall"),
    transfer: window({ is: "transfer", conversation: id }),
    appoint: window({ is: "appoint", conversation: id }),
    take_over: verb("appoint", { operator_id: workplace.viewer }, () => follow(id)),
    give_back: window({ is: "give_back", conversation: id }),
    close: asks ? window({ is: "close", conversation: id }) : verb("close"),
    resume: verb("resume", {}, () => follow(id)),
    unread: verb("unread", {}, () => leave(id)),
    describe: window({ is: "describe", conversation: id }),
    participants: window({ is: "participants", conversation: id }),
    leave: verb(`participants/${workplace.viewer}/remove`),
    block: window({ is: "block", conversation: id }),
  };
  const may = mayDo(place);
  return ACTS.filter((name) => may.has(name)).map((name) => ({
    name,
    words: name === "close" && asks ? words.closeWith : words[name],
    keys: keysOf(name),
    busy: actions.isBusy(`${name === "take_over" ? "appoint" : name} ${id}`),
    run: runs[name],
  }));
}

/** What was just taken stands among one's own from now on. */
function follow(id: string): void {
  if (location.hash.endsWith(id)) go("mine", id, true);
}

/** To the field, when it is drawn, unless the reader has gone elsewhere meanwhile. */
function settle(from: Element | null): void {
  const now = document.activeElement;
  if (now === from || now === null || now === document.body) setTimeout(focusField);
}

/** An open conversation would be read again at once. */
function leave(id: string): void {
  if (location.hash.endsWith(id)) location.hash = location.hash.slice(0, -id.length - 1);
}

// What the page may forget, so that a day of other people's conversations leaves nothing behind. Pure.
//
// Forgotten is what stands in no list that was read and is not looked at; it is read again when it is wanted. It may
// only be forgotten while no answer is under way: one that was read before could bring back an older state.

import { listIn, wide } from "./lists.ts";
import type { Kept, Model } from "./model.ts";
import { cut } from "./thread.ts";
import { type Conversation, FOLDERS } from "./wire.ts";

/** Threads of dialogs that are not open any more. */
export const MOST_THREADS = 10;
/** Lines of a thread that nobody reads. */
export const MOST_LINES = 200;
/** Conversations of a list, where the reader is at its beginning. */
export const MOST_LISTED = 200;

/** `open`: the conversation on the screen; `atEnd`: its newest lines are before the reader. */
export function tidied(model: Model, open: string | null, atEnd: boolean): Model {
  const wanted = new Set(
    [...FOLDERS.map(wide), ...(model.narrowed === null ? [] : [model.narrowed.scope])]
      .flatMap((scope) => listIn(model, scope))
      .map(({ conversation_id: id }) => id),
  );
  if (open !== null) wanted.add(open);
  const kept = [...model.conversations].filter(([id]) => wanted.has(id));
  const conversations = kept.length === model.conversations.size ? model.conversations : new Map(kept);
  return { ...model, conversations, threads: fewer(model, conversations.get(open ?? ""), atEnd) };
}

function fewer({ threads }: Model, open: Kept<Conversation> | undefined, atEnd: boolean): Model["threads"] {
  const shown = open?.state?.dialog_id;
  const others = [...threads].filter(([dialog]) => dialog !== shown).slice(-MOST_THREADS);
  const current = [...threads].filter(([dialog]) => dialog === shown);
  return new Map(
    [...others, ...current].map(([dialog, thread]) => {
      const isRead = dialog === shown && !atEnd;
      return [dialog, isRead ? thread : cut(thread, MOST_LINES)];
    }),
  );
}

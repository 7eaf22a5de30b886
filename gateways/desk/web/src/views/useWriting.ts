// What the keys do in the field of the reply, and telling the client that somebody writes.

import { arranged, type Message } from "../arrangement.ts";
import { mayWith } from "../permissions.ts";
import { nameOf } from "../people.ts";
import { linesOf } from "../thread.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { kindWords } from "../words/index.ts";
import { useStanding } from "./standing.ts";

interface Candidate {
  readonly message: Message;
  readonly author: string;
}

export function useWriting(conversation: Conversation, text: string, send: () => void) {
  const workplace = useWorkplace();
  const { drafts, told, writing } = workplace;
  const words = useWords();
  const standing = useStanding(conversation);
  const id = conversation.conversation_id;
  const changing = writing.changes.value.get(id) ?? null;

  const write = (said: string): void => {
    if (changing !== null) {
      writing.change(id, { ...changing, text: said });
      return;
    }
    drafts.write(conversation.dialog_id, said);
    if (standing.capabilities.typing_out !== true) return;
    if (said.trim() === "") told.stops();
    else told.writes(id);
  };
  const candidates = (): readonly Candidate[] => {
    const thread = workplace.model.peek().threads.get(conversation.dialog_id);
    return arranged(linesOf(thread), [], "").flatMap((block) => {
      if (block.is !== "group") return [];
      const author = block.author ?? (block.side === "in" ? nameOf(conversation, words) : words.list.us);
      return block.messages.map((message) => ({ message, author }));
    });
  };
  const quoteNext = (step: number): void => {
    const may = candidates().filter(({ message }) => mayWith(message, standing).quote);
    const chosen = writing.quotes.peek().get(id)?.id;
    const here = chosen === undefined ? may.length : may.findIndex(({ message }) => message.key === chosen);
    const next = may[Math.max(0, here + step)];
    if (next === undefined) writing.quote(id, null);
    else writing.quote(id, { id: next.message.key, author: next.author, text: wordsOf(next.message) });
  };
  const wordsOf = ({ text: said, parts }: Message): string =>
    said === "" ? kindWords(parts[0]?.kind ?? "message", words) : said;
  const changeLast = (): boolean => {
    const last = candidates().findLast(({ message }) => mayWith(message, standing).change)?.message;
    if (last === undefined) return false;
    writing.change(id, { id: last.key, before: last.text, text: last.text });
    return true;
  };
  const letGo = (): void => {
    if (changing !== null) writing.change(id, null);
    else writing.quote(id, null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key } = event;
    if (event.isComposing) return;
    if (key === "Enter" && !event.shiftKey) send();
    else if (key === "Escape") letGo();
    else if (event.altKey && key === "ArrowUp") quoteNext(-1);
    else if (event.altKey && key === "ArrowDown") quoteNext(1);
    else if (key !== "ArrowUp" || text !== "" || changing !== null || !changeLast()) return;
    event.preventDefault();
  };
  return { changing: changing !== null, write, onKeyDown };
}

// The line that a message answers: pressed, it comes into sight.

import { othersOf, type Quote, textOf } from "../contract.ts";
import type { Model } from "../model.ts";
import type { Words } from "../words/index.ts";
import { useWords, useWorkplace } from "./context.ts";
import { kindWords } from "../words/index.ts";
import { wanted } from "./standing.ts";

export function QuotedLine({ quote, dialog }: { quote: Quote; dialog: string }) {
  const words = useWords();
  const model = useWorkplace().model.value;
  const id = quote.message_id;
  const inside = (
    <>
      {quote.author != null && <b>{quote.author}</b>}
      <span class="quoted-text">{quotedText(quote, model, dialog, words)}</span>
    </>
  );
  if (id == null) {
    return (
      <div class="quoted" data-testid="quoted">
        {inside}
      </div>
    );
  }
  return (
    <button
      class="quoted"
      type="button"
      title={words.thread.toQuoted}
      data-testid="quoted"
      onClick={() => {
        wanted.value = id;
      }}
    >
      <span class="unseen">{words.thread.toQuoted}: </span>
      {inside}
    </button>
  );
}

function quotedText(quote: Quote, model: Model, dialog: string, words: Words): string {
  const line = quote.message_id == null ? null : model.threads.get(dialog)?.lines.get(quote.message_id)?.line;
  if (line?.deleted_at != null) return words.thread.deleted;
  const text = textOf(line?.content) || quote.text || "";
  return text !== "" ? text : kindWords(othersOf(line?.content)[0]?.kind ?? "message", words);
}

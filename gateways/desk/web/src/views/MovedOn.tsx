// A reply was refused because the client or a colleague wrote meanwhile: what they wrote, above the text that came
// back, and a way to send it all the same.

import { othersOf, textOf } from "../contract.ts";
import { nameOf, operatorName } from "../people.ts";
import { MOVED_ON, writtenSince } from "../replying.ts";
import { linesOf } from "../thread.ts";
import type { Conversation, Line } from "../wire.ts";
import { kindWords } from "../words/index.ts";
import { failureWords, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

const MOST = 3;

export function MovedOn({ conversation, send }: { conversation: Conversation; send(): void }) {
  const workplace = useWorkplace();
  const words = useWords();
  const { conversation_id: id, dialog_id: dialog, version } = conversation;
  const notice = workplace.actions.notices.value.get(id);
  if (notice?.returned !== true || notice.failure.code !== MOVED_ON) return null;
  const lines = linesOf(workplace.model.value.threads.get(dialog));
  const written = writtenSince(lines, notice.since, workplace.viewer).slice(-MOST);
  const anyway = (): void => {
    workplace.seen.set(id, { version, position: lines.at(-1)?.position ?? 0 });
    send();
  };
  return (
    <div class="moved-on" role="alert" data-testid="moved-on">
      <Icon name="warning" size={18} />
      <div class="moved-on-words">
        <p>
          <b>{words.composer.returned}</b> {failureWords(notice.failure, words)}
        </p>
        {written.map((line) => (
          <Written key={line.entry_id} line={line} conversation={conversation} />
        ))}
      </div>
      <div class="moved-on-answers">
        <button class="button small" type="button" data-testid="send-anyway" onClick={anyway}>
          {words.movedOn.anyway}
        </button>
        <button
          class="button bare icon-only"
          type="button"
          aria-label={words.thread.dismiss}
          data-testid="dismiss"
          onClick={() => workplace.actions.dismiss(id)}
        >
          <Icon name="close" size={16} />
        </button>
      </div>
    </div>
  );
}

function Written({ line, conversation }: { line: Line; conversation: Conversation }) {
  const words = useWords();
  const { model } = useWorkplace();
  const ours = line.direction === "out";
  const name = ours ? operatorName(model.value, line.author?.id, words, line.author?.name) : nameOf(conversation, words);
  const text = textOf(line.content) || kindWords(othersOf(line.content)[0]?.kind ?? "message", words);
  return (
    <p class="quoted-text" data-testid="moved-on-line">
      <b>{name}:</b> {text}
    </p>
  );
}

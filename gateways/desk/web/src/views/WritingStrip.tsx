// Above the field: the line that the reply quotes, or that a message of ours is being changed.

import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { focusField } from "./MessageActs.tsx";

export function WritingStrip({ id }: { id: string }) {
  const { writing } = useWorkplace();
  const words = useWords();
  const changing = writing.changes.value.get(id);
  const quoted = writing.quotes.value.get(id);
  if (changing === undefined && quoted === undefined) return null;
  const letGo = (): void => {
    if (changing !== undefined) writing.change(id, null);
    else writing.quote(id, null);
    focusField();
  };
  return (
    <div class="strip" role="status" data-testid={changing === undefined ? "quoting" : "changing"}>
      <Icon name={changing === undefined ? "quote" : "pencil"} size={18} />
      <p class="strip-words">
        <b>{changing === undefined ? words.composer.quoting(quoted!.author) : words.composer.changing}</b>
        <span class="quoted-text">{changing === undefined ? quoted!.text : changing.before}</span>
      </p>
      <button
        class="button bare icon-only"
        type="button"
        aria-label={changing === undefined ? words.composer.noQuote : words.composer.noChange}
        data-testid="let-go"
        onClick={letGo}
      >
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}

// Moving several conversations at once to one operator, without acceptance; what could not be moved is told.

import { useSignal } from "@preact/signals";
import { useWords, useWorkplace } from "./context.ts";
import { chosenRows } from "./choosing.ts";
import { Handover } from "./TransferDialog.tsx";
import { Dialog, shut } from "./Dialog.tsx";

export function MoveDialog({ conversations }: { conversations: readonly string[] }) {
  const { actions } = useWorkplace();
  const words = useWords();
  const told = useSignal<readonly string[] | null>(null);
  if (told.value !== null) {
    return (
      <Dialog name="moved" heading={words.move.heading(conversations.length)} submit={shut}>
        <div role="status" data-testid="moved">
          {told.value.map((said) => (
            <p key={said}>{said}</p>
          ))}
        </div>
        <div class="window-answers">
          <button class="button primary" type="submit" data-first>
            {words.dialog.done}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Handover
      name="move"
      heading={words.move.heading(conversations.length)}
      yes={words.move.yes}
      note={words.transfer.atOnce}
      conversation={null}
      explanation={null}
      groups={false}
      busy={actions.isBusy("move")}
      hand={async (to) => {
        const answer = await actions.move(conversations, to);
        if (answer === null) return false;
        chosenRows.value = null;
        if (answer.refused.length === 0) return true;
        const reasons = new Set(answer.refused.map(({ title }) => title));
        told.value = [words.move.partly(answer.moved.length, answer.refused.length), ...reasons];
        return false;
      }}
    />
  );
}

// Who takes part in a conversation: added several at once, removed one by one.

import { useSignal } from "@preact/signals";
import { colleagues, of } from "../colleagues.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";
import { Icon } from "./Icon.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";
import { Person } from "./Person.tsx";
import { usePlace } from "./standing.ts";

export function ParticipantsDialog({ conversation }: { conversation: Conversation }) {
  const { actions, directory } = useWorkplace();
  const words = useWords();
  const asked = useSignal("");
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const { unavailable } = words.transfer;
  const inside = conversation.participants ?? [];
  const choices = colleagues(directory.value, asked.value).map((colleague) => {
    const key = colleague.operator.operator_id;
    const takesPart = inside.includes(key) ? unavailable.taking_part : null;
    const whyNot = key === conversation.assignee ? unavailable.responsible : takesPart;
    const note = whyNot ?? undefined;
    return { key, chosen: chosen.value.has(key), whyNot, words: <Person colleague={colleague}>{note}</Person> };
  });
  const choose = (key: string): void => {
    const keys = new Set(chosen.value);
    if (!keys.delete(key)) keys.add(key);
    chosen.value = keys;
  };
  const submit = async (): Promise<void> => {
    if (chosen.value.size === 0) return;
    if (await actions.ofConversation(conversation, "participants", { operators: [...chosen.value] }, true)) shut();
  };
  return (
    <Dialog name="participants" heading={words.participants.heading} submit={() => void submit()}>
      <p class="hint">{words.participants.lead}</p>
      <Members conversation={conversation} />
      <PeoplePicker
        label={words.participants.toAdd}
        sections={[{ heading: words.participants.toAdd, choices }]}
        several
        search={(text) => {
          asked.value = text;
        }}
        choose={choose}
      />
      <Answers
        yes={words.participants.add(chosen.value.size)}
        ready={chosen.value.size > 0}
        busy={actions.isBusy(`participants ${conversation.conversation_id}`)}
      />
    </Dialog>
  );
}

/** The responsible one, and those who take part now. */
function Members({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const { rights } = usePlace(conversation);
  const { assignee, participants = [] } = conversation;
  const known = (id: string) => workplace.directory.value.operators.get(id)?.state;
  const responsible = assignee == null ? null : known(assignee);
  const remove = (id: string): void => {
    void workplace.actions.ofConversation(conversation, `participants/${id}/remove`, {}, true);
  };
  return (
    <ul class="people" aria-label={words.participants.now} data-testid="participants">
      {responsible != null && (
        <li class="people-row">
          <Person colleague={of(workplace.directory.value, responsible)}>{words.participants.responsible}</Person>
        </li>
      )}
      {participants.map((id) => {
        const operator = known(id);
        if (operator == null) return null;
        const may = id === workplace.viewer || rights.includes("participants.remove");
        return (
          <li class="people-row" key={id} data-testid="participant" data-id={id}>
            <Person colleague={of(workplace.directory.value, operator)} />
            {may && (
              <button
                class="button bare icon-only"
                type="button"
                aria-label={words.participants.remove(operator.name)}
                data-testid="participant-remove"
                onClick={() => remove(id)}
              >
                <Icon name="close" size={16} />
              </button>
            )}
          </li>
        );
      })}
      {participants.length === 0 && <li class="hint">{words.participants.nobody}</li>}
    </ul>
  );
}

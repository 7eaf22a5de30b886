// Handing a conversation over: to an operator or a group, with a comment; or several at once, without acceptance.

import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Handing } from "../actions.ts";
import { colleagues, type Colleague, whyNot } from "../colleagues.ts";
import type { Explanation } from "../explanation.ts";
import { present } from "../directory.ts";
import { statusName } from "../statuses.ts";
import type { Conversation } from "../wire.ts";
import type { Language, Words } from "../words/index.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";
import { PeoplePicker, type Section } from "./PeoplePicker.tsx";
import { Person } from "./Person.tsx";
import { useAccount, usePlace } from "./standing.ts";

const GROUP = "group ";

interface TransferParts {
  readonly conversation: Conversation;
  /** Without acceptance. */
  readonly appoint: boolean;
}

export function TransferDialog({ conversation, appoint }: TransferParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const id = conversation.conversation_id;
  const place = usePlace(conversation);
  const account = useAccount(conversation);
  const forced = useSignal(appoint);
  const { actions } = workplace;
  const mayAppoint = place.rights.includes("appoint");
  const atOnce = forced.value || (account?.handover === "appoint" && conversation.assignee != null);
  const verb = forced.value ? "appoint" : "offer";
  useEffect(() => void workplace.explanations.ask(id), [id]);
  const known = workplace.explanations.known.value.get(id);
  const explanation = known?.is === "known" ? known.explanation : null;
  const hand = async (to: Handing): Promise<boolean> => actions.ofConversation(conversation, verb, to, true);
  return (
    <Handover
      name="transfer"
      heading={appoint ? words.transfer.appointHeading : words.transfer.heading}
      yes={forced.value ? words.transfer.appoint : words.transfer.offer}
      note={atOnce ? words.transfer.atOnce : words.transfer.untilAccepted}
      conversation={conversation}
      explanation={explanation}
      groups={!forced.value}
      busy={actions.isBusy(`${verb} ${id}`)}
      hand={hand}
    >
      {mayAppoint && !appoint && (
        <label class="check">
          <input
            type="checkbox"
            checked={forced.value}
            data-testid="without-asking"
            onChange={(event) => {
              forced.value = event.currentTarget.checked;
            }}
          />
          {words.transfer.withoutAsking}
        </label>
      )}
    </Handover>
  );
}

interface HandoverParts {
  readonly name: string;
  readonly heading: string;
  readonly yes: string;
  readonly note: string;
  readonly conversation: Conversation | null;
  readonly explanation: Explanation | null;
  readonly groups: boolean;
  readonly busy: boolean;
  readonly children?: ComponentChildren;
  hand(to: Handing): Promise<boolean>;
}

/** The window of it: who, and why. */
export function Handover(parts: HandoverParts) {
  const words = useWords();
  const asked = useSignal("");
  const chosen = useSignal<string | null>(null);
  const comment = useRef<HTMLInputElement>(null);
  const sections = useSections(parts, asked.value, chosen.value);
  const choices = sections.flatMap((section) => section.choices);
  const to = choices.find(({ key, whyNot: not }) => key === chosen.value && not === null)?.key ?? null;
  const submit = async (): Promise<void> => {
    if (to === null || parts.busy) return;
    const said = comment.current?.value.trim() ?? "";
    const whom = to.startsWith(GROUP) ? { group: to.slice(GROUP.length) } : { operator_id: to };
    if (await parts.hand({ ...whom, ...(said === "" ? {} : { comment: said }) })) shut();
  };
  return (
    <Dialog name={parts.name} heading={parts.heading} submit={() => void submit()}>
      <PeoplePicker
        label={words.transfer.to}
        sections={sections}
        search={(text) => {
          asked.value = text;
        }}
        choose={(key) => {
          chosen.value = key;
          comment.current?.focus();
        }}
      />
      <label class="field">
        <span>{words.dialog.comment}</span>
        <input ref={comment} maxLength={1000} placeholder={words.dialog.commentHint} autocomplete="off" data-testid="comment" />
      </label>
      {parts.children}
      <p class="hint" data-testid="transfer-note">
        {parts.note}
      </p>
      <Answers yes={parts.yes} ready={to !== null} busy={parts.busy} />
    </Dialog>
  );
}

function useSections(parts: HandoverParts, asked: string, chosen: string | null): readonly Section[] {
  const app = useApp();
  const words = useWords();
  const model = useWorkplace().directory.value;
  const { conversation, explanation, groups } = parts;
  const account = conversation === null ? null : (model.accounts.get(conversation.account)?.state ?? null);
  const needsPresence = account?.capabilities.transfer_needs_presence === true;
  const responsible = ({ operator }: Colleague): number => Number(operator.operator_id === conversation?.assignee);
  const found = colleagues(model, asked).toSorted((one, other) => responsible(one) - responsible(other));
  const people = found.map((colleague) => {
    const not = whyNot(colleague, conversation, needsPresence, explanation);
    const reason = not === null ? null : reasonWords(not, colleague, words, app.language.value);
    const key = colleague.operator.operator_id;
    const status = colleague.row === null ? [] : [statusName(colleague.row, app.language.value)];
    const note = reason ?? [...status, ...loadWords(colleague, explanation, words)].join(" · ");
    return { key, chosen: key === chosen, whyNot: reason, words: <Person colleague={colleague}>{note}</Person> };
  });
  const wanted = asked.trim().toLocaleLowerCase();
  const teams = present(model.groups).filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const teamChoices = teams.map(({ slug, name }) => ({
    key: GROUP + slug,
    chosen: chosen === GROUP + slug,
    whyNot: null,
    words: (
      <>
        <span class="dot is-group" />
        <span class="person">{name}</span>
        <span class="person-note">{words.transfer.members}</span>
      </>
    ),
  }));
  return [
    { heading: words.transfer.operators, choices: people },
    { heading: words.transfer.groups, choices: groups ? teamChoices : [] },
  ];
}

function reasonWords(not: NonNullable<ReturnType<typeof whyNot>>, { row }: Colleague, words: Words, language: Language): string {
  const { unavailable } = words.transfer;
  return not === "not_receiving" ? unavailable.not_receiving(row === null ? "" : statusName(row, language)) : unavailable[not];
}

/** How much they have, where that is known. */
function loadWords(colleague: Colleague, explanation: Explanation | null, words: Words): readonly string[] {
  const seen = explanation?.considered.find(({ operator_id: id }) => id === colleague.operator.operator_id);
  if (seen?.load === undefined) return [];
  return [seen.limit == null ? words.transfer.loadOnly(seen.load) : words.transfer.load(seen.load, seen.limit)];
}

// Where a reply or a note is written: what may not be sent is said above the field, then what goes with the words.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { operatorName } from "../people.ts";
import { mayReply } from "../permissions.ts";
import { keysOf } from "../shortcuts.ts";
import type { Conversation } from "../wire.ts";
import { ApprovedChooser } from "./ApprovedChooser.tsx";
import { AnswerStrip } from "./AnswerStrip.tsx";
import { useWords, useWorkplace } from "./context.ts";
import { focusField } from "./MessageActs.tsx";
import { MovedOn } from "./MovedOn.tsx";
import { NoteField } from "./NoteField.tsx";
import { ReplyField } from "./ReplyField.tsx";
import { SuggestionList } from "./Suggestions.tsx";
import { useStanding } from "./standing.ts";
import { TemplatePicker } from "./TemplatePicker.tsx";
import { UploadList } from "./UploadList.tsx";
import { useReply } from "./useReply.ts";
import { useSuggestions } from "./useSuggestions.ts";
import { useTemplates } from "./useTemplates.ts";
import { useShut, WindowStrip } from "./WindowStrip.tsx";
import { WritingStrip } from "./WritingStrip.tsx";

const NEAR_THE_LIMIT = 200;

export function Composer({ conversation }: { conversation: Conversation }) {
  const { writing } = useWorkplace();
  const id = conversation.conversation_id;
  const jotting = writing.notes.value.has(id);
  return (
    <section class={`composer ${jotting ? "is-note" : ""}`} data-testid="composer" data-mode={jotting ? "note" : "reply"}>
      <Modes id={id} jotting={jotting} />
      {jotting ? <NoteField conversation={conversation} /> : <ReplyForm conversation={conversation} />}
    </section>
  );
}

/** What is written: a reply, or a note that the client does not see. */
function Modes({ id, jotting }: { id: string; jotting: boolean }) {
  const { writing } = useWorkplace();
  const words = useWords();
  const turn = (on: boolean): void => {
    writing.jot(id, on);
    focusField();
  };
  return (
    <div class="modes" role="group" aria-label={words.note.mode}>
      <button class="mode" type="button" aria-pressed={!jotting} data-testid="mode-reply" onClick={() => turn(false)}>
        {words.note.reply}
      </button>
      <button
        class="mode"
        type="button"
        aria-pressed={jotting}
        aria-keyshortcuts={keysOf("note") ?? undefined}
        title={`${words.note.hidden} (${keysOf("note")})`}
        data-testid="mode-note"
        onClick={() => turn(true)}
      >
        {words.note.note}
      </button>
    </div>
  );
}

function ReplyForm({ conversation }: { conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const id = conversation.conversation_id;
  const field = useRef<HTMLTextAreaElement>(null);
  const { note, shut: barred } = useNote(conversation);
  const over = useShut(conversation);
  const shut = barred || over;
  const may = !barred;
  const choosing = useSignal(false);
  const { text, left, ready, send } = useReply(conversation, shut);
  const uploads = workplace.uploads.of(id);
  const changing = workplace.writing.changes.value.has(id);
  const templates = useTemplates(conversation, field);
  const suggestions = useSuggestions(conversation, field);
  return (
    <form onSubmit={(event) => (event.preventDefault(), send())}>
      {note !== null && (
        <p class="composer-note" data-testid="composer-note">
          {note}
        </p>
      )}
      {!shut && !changing && <AnswerStrip conversation={conversation} />}
      <MovedOn conversation={conversation} send={send} />
      <WritingStrip id={id} />
      {!changing && <UploadList id={id} uploads={uploads} />}
      {may && !changing && <WindowStrip conversation={conversation} choosing={choosing.value} choose={() => (choosing.value = true)} />}
      {may && choosing.value && !changing && <ApprovedChooser conversation={conversation} close={() => ((choosing.value = false), focusField())} />}
      {may && over && text.trim() !== "" && <p class="hint composer-kept">{words.window.kept}</p>}
      {templates.open && <TemplatePicker insert={templates.insert} close={templates.close} />}
      {!templates.open && !changing && <SuggestionList suggestions={suggestions} />}
      {(!shut || (text !== "" && !over)) && (
        <ReplyField
          conversation={conversation}
          field={field}
          text={text}
          over={left < 0}
          ready={ready}
          shut={shut}
          send={send}
          templates={templates}
          suggestions={suggestions}
        />
      )}
      {left < NEAR_THE_LIMIT && (
        <p class={`composer-left ${left < 0 ? "over" : ""}`} role="status" data-testid="characters-left">
          {left < 0 ? words.composer.over(-left) : words.composer.left(left)}
        </p>
      )}
    </form>
  );
}

/** What is said above the field, and whether nothing may be sent. */
function useNote(conversation: Conversation): { note: string | null; shut: boolean } {
  const workplace = useWorkplace();
  const { composer } = useWords();
  const words = useWords();
  const model = workplace.directory.value;
  const may = mayReply(useStanding(conversation));
  const { assignee, participants, status } = conversation;
  if (status === "closed") return { note: composer.closed, shut: true };
  if (!workplace.me.value.rights.includes("reply")) return { note: composer.noRight, shut: true };
  if (assignee == null) return { note: composer.takes, shut: false };
  const name = operatorName(model, assignee, words);
  if (!may) return { note: composer.others(name), shut: true };
  if (assignee === workplace.viewer) return { note: null, shut: false };
  const inside = participants?.includes(workplace.viewer) === true;
  return { note: inside ? composer.beside(name) : composer.takesOver(name), shut: false };
}

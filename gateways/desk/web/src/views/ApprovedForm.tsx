// One template of the provider: a field for each place, the file of its heading where it has one, and what the
// client will read, as it is typed.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Approved, type Blank, blanksOf, isFilled, readOf } from "../approved.ts";
import type { Beside } from "../outbox.ts";
import { attachmentsOf, isUnderWay } from "../uploads.ts";
import type { Conversation } from "../wire.ts";
import type { Words } from "../words/index.ts";
import type { Workplace } from "../workplace.ts";
import { ButtonRows } from "./Around.tsx";
import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { useStanding } from "./standing.ts";
import { UploadList } from "./UploadList.tsx";

interface FormParts {
  readonly template: Approved;
  readonly conversation: Conversation;
  other(): void;
  sent(): void;
}

export function ApprovedForm({ template, conversation, other, sent }: FormParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const blanks = blanksOf(template);
  const given = useSignal<readonly string[]>(blanks.map(() => ""));
  const frame = useRef<HTMLDivElement>(null);
  const lack = useLack(template, given.value, conversation);
  useLayoutEffect(() => frame.current?.querySelector<HTMLElement>("input:not([type=file]), [data-testid=approved-send]")?.focus(), []);
  const send = (): void => {
    if (lack !== null) return;
    sendFilled(workplace, conversation.conversation_id, template, given.value);
    sent();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || (event.key !== "Escape" && event.key !== "Enter")) return;
    if (event.key === "Enter" && !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") other();
    else send();
  };
  return (
    <div class="templates approved approved-form" ref={frame} role="group" aria-label={template.name} data-testid="approved-form" onKeyDown={onKeyDown}>
      <div class="approved-head">
        <b>{template.name}</b>
        <span class="hint">{template.language}</span>
        <button class="button bare small" type="button" data-testid="approved-other" onClick={other}>
          {words.window.other}
        </button>
      </div>
      <div class="approved-fields">
        {blanks.map((blank, index) => (
          <BlankField
            key={index}
            blank={blank}
            value={given.value[index] ?? ""}
            write={(said) => {
              given.value = given.value.with(index, said);
            }}
          />
        ))}
        {template.media != null && template.media !== "location" && <HeaderFile template={template} conversation={conversation} />}
      </div>
      <Preview template={template} given={given.value} />
      <div class="approved-foot">
        <p class="hint" data-testid="approved-lack">
          {lack}
        </p>
        <button class="button primary" type="button" aria-disabled={lack !== null} data-testid="approved-send" onClick={send}>
          <Icon name="send" size={16} />
          {words.window.send}
        </button>
      </div>
    </div>
  );
}

function sendFilled(workplace: Workplace, id: string, template: Approved, given: readonly string[]): void {
  const parameters = given.map((said) => said.trim());
  const known = workplace.seen.get(id);
  const attachments = template.media == null ? [] : workplace.uploads.take(id);
  const filled = { name: template.name, language: template.language, parameters };
  const beside: Beside = { template: filled, ...(known && { seen: known }), ...(attachments.length > 0 && { attachments }) };
  workplace.actions.dismiss(id);
  workplace.outbox.send(id, readOf(template, parameters), beside);
}

function Preview({ template, given }: { template: Approved; given: readonly string[] }) {
  const { window: words } = useWords();
  const buttons = (template.buttons ?? []).map((label, row) => ({ kind: "reply", label, row }));
  return (
    <div class="approved-preview" aria-live="polite">
      <p class="hint">{words.preview}</p>
      <p class="said" dir="auto" data-testid="approved-preview">
        {readOf(template, given)}
      </p>
      {buttons.length > 0 && <ButtonRows buttons={buttons} />}
    </div>
  );
}

interface BlankParts {
  readonly blank: Blank;
  readonly value: string;
  write(said: string): void;
}

function BlankField({ blank, value, write }: BlankParts) {
  const { window: words } = useWords();
  return (
    <label class="approved-field">
      <span>{nameOf(blank, words)}</span>
      <input
        type="text"
        value={value}
        placeholder={blank.example === "" ? undefined : words.example(blank.example)}
        autocomplete="off"
        dir="auto"
        data-testid="approved-blank"
        onInput={(event) => write(event.currentTarget.value)}
      />
    </label>
  );
}

function HeaderFile({ template, conversation }: { template: Approved; conversation: Conversation }) {
  const { uploads } = useWorkplace();
  const { window: words } = useWords();
  const { capabilities } = useStanding(conversation);
  const input = useRef<HTMLInputElement>(null);
  const id = conversation.conversation_id;
  const { attach } = words;
  const label = attach[(template.media ?? "document") as keyof typeof attach] ?? attach.document;
  return (
    <>
      <UploadList id={id} uploads={uploads.of(id)} />
      <button class="button small" type="button" data-testid="approved-attach" onClick={() => input.current?.click()}>
        <Icon name="clip" size={16} />
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={{ image: "image/*", video: "video/*" }[template.media ?? ""]}
        aria-label={label}
        onChange={() => {
          uploads.add(id, [...(input.current?.files ?? [])], capabilities);
          if (input.current !== null) input.current.value = "";
        }}
      />
    </>
  );
}

/** What it still lacks, in words. */
function useLack(template: Approved, given: readonly string[], conversation: Conversation): string | null {
  const { window: words } = useWords();
  const uploads = useWorkplace().uploads.of(conversation.conversation_id);
  if (template.media === "location") return words.place;
  if (!isFilled(template, given)) return words.fill;
  const ready = attachmentsOf(uploads).length === 1 && !isUnderWay(uploads);
  return template.media != null && !ready ? words.attachFirst : null;
}

function nameOf({ where, place }: Blank, words: Words["window"]): string {
  return { header: words.inHeader, text: words.inText, button: words.inButton }[where](place);
}

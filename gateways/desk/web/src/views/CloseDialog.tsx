// What a conversation was about, asked when it is closed: one of the account's categories where it has any, else words
// of one's own, those that were used before being offered.

import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { present } from "../directory.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";
import { useAccount } from "./standing.ts";

const LONGEST = 200;

export function CloseDialog({ conversation }: { conversation: Conversation }) {
  const { actions } = useWorkplace();
  const words = useWords();
  const account = useAccount(conversation);
  const categories = account?.categories ?? [];
  const before = conversation.category ?? "";
  const category = useSignal(categories.length === 0 || categories.includes(before) ? before : "");
  const said = category.value.trim();
  const required = account?.category_required === true;
  const ready = said !== "" || !required;
  const submit = async (): Promise<void> => {
    const body = said === "" ? {} : { category: said };
    if (ready && (await actions.ofConversation(conversation, "close", body, true))) shut();
  };
  return (
    <Dialog name="close" heading={words.closing.heading} submit={() => void submit()}>
      {categories.length > 0 ? (
        <Choice categories={categories} category={category} required={required} />
      ) : (
        <Words category={category} required={required} />
      )}
      <Answers yes={words.closing.yes} ready={ready} busy={actions.isBusy(`close ${conversation.conversation_id}`)} />
    </Dialog>
  );
}

interface FieldParts {
  readonly category: Signal<string>;
  readonly required: boolean;
}

function Choice({ categories, category, required }: FieldParts & { readonly categories: readonly string[] }) {
  const words = useWords();
  return (
    <label class="field">
      <span>{words.closing.category}</span>
      <select
        value={category.value}
        required={required}
        data-first
        data-testid="category"
        onChange={(event) => {
          category.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.form?.requestSubmit(); // as in a field of words
        }}
      >
        <option value="">{required ? words.closing.choose : words.closing.none}</option>
        {categories.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

function Words({ category, required }: FieldParts) {
  const { model } = useWorkplace();
  const words = useWords();
  const list = useId();
  const used = present(model.value.conversations).flatMap((one) => one.category ?? []);
  return (
    <label class="field">
      <span>{words.closing.category}</span>
      <input
        value={category.value}
        list={list}
        maxLength={LONGEST}
        required={required}
        placeholder={words.closing.hint}
        data-first
        data-testid="category"
        onInput={(event) => {
          category.value = event.currentTarget.value;
        }}
      />
      <datalist id={list}>
        {[...new Set(used)].sort().map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}

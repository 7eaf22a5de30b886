// Beside the heading of the list: writing first, the filter, lit while it is on and cleared with one press, and choosing several
// of others' conversations to move them together.

import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { beginning, mayBegin } from "../firsts.ts";
import { type Filter, isActive, NO_FILTER } from "../filters.ts";
import { present } from "../directory.ts";
import { keysOf, shortcutOf } from "../shortcuts.ts";
import type { Conversation, Folder } from "../wire.ts";
import { chosenRows, filter, MOST_ROWS } from "./choosing.ts";
import { useWords, useWorkplace } from "./context.ts";
import { openDialog } from "./dialogs.ts";
import { Icon } from "./Icon.tsx";

interface ToolsParts {
  readonly folder: Folder;
  readonly items: readonly Conversation[];
}

export function ListTools({ folder, items }: ToolsParts) {
  const { me } = useWorkplace();
  const words = useWords();
  const open = useSignal(false);
  const active = isActive(filter.value);
  const moves = me.value.rights.includes("others.transfer") && (folder === "others" || folder === "all");
  const choosing = chosenRows.value !== null;
  const choose = (): void => {
    chosenRows.value = choosing ? null : new Set();
  };
  return (
    <>
      <div class="list-tools">
        {active && (
          <button
            class="button bare small"
            type="button"
            aria-label={words.filter.clear}
            data-testid="filter-clear"
            onClick={() => (filter.value = NO_FILTER)}
          >
            {words.filter.clearShort}
          </button>
        )}
        <Begin />
        {moves && (
          <button
            class={`button bare icon-only ${choosing ? "is-lit" : ""}`}
            type="button"
            aria-pressed={choosing}
            aria-label={words.move.select}
            title={words.move.select}
            data-testid="choose-several"
            onClick={choose}
          >
            <Icon name="checks" />
          </button>
        )}
        <button
          class={`button bare icon-only ${active ? "is-lit" : ""}`}
          type="button"
          aria-expanded={open.value}
          aria-controls={open.value ? "list-filter" : undefined}
          aria-label={words.filter.heading}
          title={words.filter.heading}
          data-testid="filter"
          data-active={active}
          onClick={() => {
            open.value = !open.value;
          }}
        >
          <Icon name="filter" />
        </button>
      </div>
      {open.value && <FilterFields />}
      {choosing && <ChosenBar items={items} />}
    </>
  );
}

/** Where nobody can be written to first, nothing is offered. */
function Begin() {
  const workplace = useWorkplace();
  const words = useWords();
  const may = mayBegin(workplace.me.value.rights) && beginning(workplace.directory.value).length > 0;
  const open = (): void => openDialog(workplace, { is: "first", to: null });
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!may || shortcutOf(event) !== "first" || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      open();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [workplace, may]);
  if (!may) return null;
  return (
    <button
      class="button bare icon-only"
      type="button"
      aria-label={words.firsts.open}
      aria-keyshortcuts={keysOf("first") ?? undefined}
      title={`${words.firsts.open} (${keysOf("first")})`}
      data-testid="first-open"
      onClick={open}
    >
      <Icon name="pencil" />
    </button>
  );
}

function FilterFields() {
  const { directory } = useWorkplace();
  const words = useWords();
  const change = (changes: Partial<Filter>): void => {
    filter.value = { ...filter.value, ...changes };
  };
  const operators = present(directory.value.operators).toSorted((one, other) => one.name.localeCompare(other.name));
  const accounts = present(directory.value.accounts).toSorted((one, other) => one.name.localeCompare(other.name));
  const { account, operator, unanswered } = filter.value;
  return (
    <div class="list-filter" id="list-filter" role="group" aria-label={words.filter.heading}>
      <select
        aria-label={words.filter.operator}
        value={operator}
        data-testid="filter-operator"
        onChange={(event) => change({ operator: event.currentTarget.value })}
      >
        <option value="">{words.filter.anyOperator}</option>
        {operators.map(({ operator_id: id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={words.filter.account}
        value={account}
        data-testid="filter-account"
        onChange={(event) => change({ account: event.currentTarget.value })}
      >
        <option value="">{words.filter.anyAccount}</option>
        {accounts.map(({ account: id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={unanswered}
          data-testid="filter-unanswered"
          onChange={(event) => change({ unanswered: event.currentTarget.checked })}
        />
        {words.filter.unanswered}
      </label>
    </div>
  );
}

function ChosenBar({ items }: { items: readonly Conversation[] }) {
  const workplace = useWorkplace();
  const words = useWords();
  const open = items.filter(({ assignee, status }) => assignee != null && status !== "closed");
  const shown = open.slice(0, MOST_ROWS).map(({ conversation_id: id }) => id);
  const chosen = [...(chosenRows.value ?? [])];
  const ready = chosen.length > 0 && chosen.length <= MOST_ROWS;
  return (
    <div class="chosen-bar" role="group" aria-label={words.move.select}>
      <button class="button small" type="button" data-testid="choose-all" onClick={() => (chosenRows.value = new Set(shown))}>
        {words.move.all}
      </button>
      <span role="status" data-testid="chosen-count">
        {chosen.length > MOST_ROWS ? words.move.tooMany(MOST_ROWS) : words.move.chosen(chosen.length)}
      </span>
      <button
        class="button primary small"
        type="button"
        aria-disabled={!ready}
        data-testid="move"
        onClick={() => ready && openDialog(workplace, { is: "move", conversations: chosen })}
      >
        {words.move.move}
      </button>
    </div>
  );
}

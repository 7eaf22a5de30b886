// The table of statuses: what each allows; changed as a whole by who may set routing.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ALLOWANCES, FRESH, raised, statusName, type StatusRow, toneOf, withRow } from "../statuses.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";
import { Icon } from "./Icon.tsx";

export function StatusesDialog() {
  const { actions, directory } = useWorkplace();
  const words = useWords();
  const changed = useSignal<readonly StatusRow[] | null>(null); // until then the table is as everybody has it
  const edited = useSignal<StatusRow | null>(null);
  const rows = changed.value ?? directory.value.statuses.state ?? [];
  const put = (next: readonly StatusRow[]): void => {
    changed.value = next;
    edited.value = null;
  };
  const submit = async (): Promise<void> => {
    const row = edited.value;
    if (row !== null) {
      if (isNamed(row)) put(withRow(rows, row));
    } else if (changed.value !== null && (await actions.setStatuses(changed.value))) {
      shut();
    }
  };
  const row = edited.value;
  return (
    <Dialog name="statuses" heading={row === null ? words.statusTable.heading : words.statusTable.edit} submit={() => void submit()}>
      {row === null ? (
        <Table rows={rows} changed={changed.value !== null} edit={(one) => (edited.value = one)} put={put} />
      ) : (
        <RowForm
          row={row}
          lonely={rows.length === 1}
          change={(changes) => (edited.value = { ...row, ...changes })}
          remove={() => put(rows.filter(({ slug }) => slug !== row.slug))}
          back={() => (edited.value = null)}
        />
      )}
    </Dialog>
  );
}

function isNamed(row: StatusRow): boolean {
  return row.name.trim() !== "" && row.name_ru.trim() !== "";
}

interface TableParts {
  readonly rows: readonly StatusRow[];
  readonly changed: boolean;
  edit(row: StatusRow): void;
  put(rows: readonly StatusRow[]): void;
}

function Table({ rows, changed, edit, put }: TableParts) {
  const app = useApp();
  const { actions } = useWorkplace();
  const words = useWords();
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const { allowances } = words.statusTable;
  return (
    <>
      <p class="hint">{words.statusTable.lead}</p>
      <ul class="people" data-testid="statuses">
        {rows.map((row, place) => (
          <li class="status-line" key={row.slug}>
            <button class="template-row" type="button" data-testid="status-edit" data-slug={row.slug} onClick={() => edit(row)}>
              <span class={`status-choice is-${toneOf(row)}`}>
                <span class="status-dot" aria-hidden="true" />
                <b>{statusName(row, app.language.value)}</b>
              </span>
              <span class="template-text">
                {ALLOWANCES.filter((name) => row[name] === true).map((name) => allowances[name]).join(" · ")}
              </span>
            </button>
            {place > 0 && (
              <button
                class="button bare icon-only"
                type="button"
                aria-label={words.statusTable.up(statusName(row, app.language.value))}
                data-testid="status-up"
                onClick={() => put(raised(rows, row.slug))}
              >
                <Icon name="up" size={18} />
              </button>
            )}
          </li>
        ))}
      </ul>
      <p class="hint" role="status">
        {changed && words.statusTable.unsaved}
        {rows.length === 0 && words.status.none}
      </p>
      <Answers yes={words.dialog.save} ready={changed} busy={actions.isBusy("statuses")}>
        <button
          class="button is-left"
          type="button"
          ref={first}
          aria-disabled={rows.length === 0}
          data-testid="status-add"
          onClick={() => rows.length > 0 && edit(FRESH)}
        >
          {words.statusTable.add}
        </button>
      </Answers>
    </>
  );
}

interface RowParts {
  readonly row: StatusRow;
  /** The only one cannot go. */
  readonly lonely: boolean;
  change(changes: Partial<StatusRow>): void;
  remove(): void;
  back(): void;
}

function RowForm({ row, lonely, change, remove, back }: RowParts) {
  const words = useWords();
  const name = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => name.current?.focus(), []);
  const { allowances } = words.statusTable;
  return (
    <>
      <div class="fields">
        <label class="field">
          <span>{words.statusTable.name}</span>
          <input ref={name} value={row.name} maxLength={60} required data-testid="status-en" onInput={(event) => change({ name: event.currentTarget.value })} />
        </label>
        <label class="field">
          <span>{words.statusTable.nameRu}</span>
          <input value={row.name_ru} maxLength={60} required data-testid="status-ru" onInput={(event) => change({ name_ru: event.currentTarget.value })} />
        </label>
      </div>
      <fieldset class="allowances">
        <legend>{words.statusTable.allows}</legend>
        {ALLOWANCES.map((one) => (
          <label class="check" key={one}>
            <input
              type="checkbox"
              checked={row[one] === true}
              data-testid={`allows-${one}`}
              onChange={(event) => change({ [one]: event.currentTarget.checked })}
            />
            {allowances[one]}
          </label>
        ))}
      </fieldset>
      <div class="window-answers">
        {row.slug !== "" && !lonely && (
          <button class="button bare is-left" type="button" data-testid="status-remove" onClick={remove}>
            <Icon name="bin" size={18} /> {words.statusTable.remove}
          </button>
        )}
        <button class="button" type="button" onClick={back}>
          {words.dialog.cancel}
        </button>
        <button class="button primary" type="submit" aria-disabled={!isNamed(row)} data-testid="status-keep">
          {words.dialog.done}
        </button>
      </div>
    </>
  );
}

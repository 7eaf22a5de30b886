// Windows about the operators: one's own preferences, who the colleagues are and what they do, and the keys.

import { useId, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { colleagues } from "../colleagues.ts";
import { groupName } from "../people.ts";
import { held, keysOf, type Shortcut } from "../shortcuts.ts";
import { statusName } from "../statuses.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";
import { Icon } from "./Icon.tsx";
import { Person } from "./Person.tsx";

export function PreferencesDialog() {
  const workplace = useWorkplace();
  const { actions, directory, operator } = workplace;
  const words = useWords();
  const suggest = useRef<HTMLInputElement>(null);
  const known = (directory.value.statuses.state ?? []).length > 0; // else what is set now would be taken back
  const entering = useRef<HTMLSelectElement>(null);
  const leaving = useRef<HTMLSelectElement>(null);
  const { status_on_sign_in: now, status_on_sign_out: then } = operator.value;
  const submit = async (): Promise<void> => {
    const said = {
      status_on_sign_in: entering.current?.value ?? "",
      status_on_sign_out: leaving.current?.value ?? "",
    };
    workplace.suggests.turn(suggest.current?.checked === true);
    if (known && (await actions.setPreferences(said))) shut();
  };
  return (
    <Dialog name="preferences" heading={words.status.preferencesHeading} submit={() => void submit()}>
      <StatusField field={entering} label={words.status.onSignIn} value={now ?? ""} name="on-sign-in" first />
      <StatusField field={leaving} label={words.status.onSignOut} value={then ?? ""} name="on-sign-out" />
      <label class="check">
        <input ref={suggest} type="checkbox" defaultChecked={workplace.suggests.on.value} data-testid="suggest" />
        {words.templates.suggest}
      </label>
      <Answers yes={words.dialog.save} ready={known} busy={actions.isBusy("preferences")} />
    </Dialog>
  );
}

interface StatusFieldParts {
  readonly field: { current: HTMLSelectElement | null };
  readonly label: string;
  readonly value: string;
  readonly name: string;
  readonly first?: boolean;
}

function StatusField({ field, label, value, name, first = false }: StatusFieldParts) {
  const app = useApp();
  const words = useWords();
  const id = useId();
  const rows = useWorkplace().directory.value.statuses.state ?? [];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} ref={field} data-first={first || undefined} data-testid={name}>
        <option value="" selected={value === ""}>
          {words.status.asItWas}
        </option>
        {rows.map((row) => (
          <option key={row.slug} value={row.slug} selected={row.slug === value}>
            {statusName(row, app.language.value)}
          </option>
        ))}
      </select>
    </div>
  );
}

export function ColleaguesDialog() {
  const app = useApp();
  const words = useWords();
  const model = useWorkplace().directory.value;
  const asked = useSignal("");
  const shown = colleagues(model, asked.value);
  return (
    <Dialog name="colleagues" heading={words.status.colleaguesHeading}>
      <label class="picker-search">
        <Icon name="search" size={18} />
        <input
          type="search"
          aria-label={words.dialog.find}
          placeholder={words.dialog.find}
          data-first
          data-testid="person-search"
          onInput={(event) => {
            asked.value = event.currentTarget.value;
          }}
        />
      </label>
      <ul class="people is-long" tabIndex={0} aria-label={words.status.colleaguesHeading} data-testid="colleagues">
        {shown.map((colleague) => {
          const { operator, row } = colleague;
          const groups = (operator.groups ?? []).map((slug) => groupName(model, slug));
          const status = row === null ? [] : [statusName(row, app.language.value)];
          return (
            <li class="people-row" key={operator.operator_id} data-testid="colleague" data-present={operator.present}>
              <Person colleague={colleague}>{[...status, ...groups].join(" · ")}</Person>
            </li>
          );
        })}
        {shown.length === 0 && <li class="hint">{words.dialog.none}</li>}
      </ul>
    </Dialog>
  );
}

const TOLD: readonly Exclude<Shortcut, "list" | "first">[] = ["accept", "transfer", "give_back", "close", "resume", "unread", "note", "menu"];

export function KeysDialog() {
  const words = useWords();
  const rows: readonly (readonly [string, string])[] = [
    ...TOLD.map((name) => [keysOf(name) ?? "", words.acts[name]] as const),
    ["Enter", words.keys.send],
    ["Shift+Enter", words.keys.line],
    ["Alt+↑ ↓", words.keys.quote],
    ["↑", words.keys.change],
    ["/", words.keys.template],
    ["Tab", words.keys.suggestion],
    [held("1…9"), words.keys.hotkey],
    [keysOf("list") ?? "", words.keys.toList],
    [keysOf("first") ?? "", words.firsts.open],
    ["↑ ↓ Enter", words.keys.list],
    ["Esc", words.keys.letGo],
  ];
  return (
    <Dialog name="keys" heading={words.keys.heading} submit={shut}>
      <dl class="keys">
        {rows.map(([keys, said]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{said.replace("…", "")}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

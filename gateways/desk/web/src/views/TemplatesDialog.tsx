// One's own templates and the shared ones: added, changed, deleted.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ABOUT_ME, IN_DIALOG } from "../actions.ts";
import { uuid7 } from "../ids.ts";
import { present } from "../directory.ts";
import { held } from "../shortcuts.ts";
import { isShared, ordered, shelved, type Template } from "../templates.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Dialog, shut } from "./Dialog.tsx";
import { Icon } from "./Icon.tsx";
import { NoticeBox } from "./NoticeBox.tsx";
import { shelfName } from "./TemplatePicker.tsx";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function TemplatesDialog() {
  const { actions } = useWorkplace();
  const words = useWords();
  const edited = useSignal<Template | null>(null);
  const saved = useSignal(false);
  const submit = async (): Promise<void> => {
    const template = edited.value;
    if (template === null) return;
    if (template.title.trim() === "" || template.text.trim() === "") return;
    if (!(await actions.putTemplate(template))) return;
    edited.value = null;
    saved.value = true;
  };
  const edit = (template: Template | null): void => {
    actions.dismiss(IN_DIALOG);
    actions.dismiss(ABOUT_ME);
    saved.value = false;
    edited.value = template;
  };
  return (
    <Dialog name="templates" heading={words.templates.heading} wide submit={() => void submit()}>
      {edited.value === null ? (
        <Shelves edit={edit} saved={saved.value} />
      ) : (
        <Form
          template={edited.value}
          change={(changes) => {
            if (edited.value !== null) edited.value = { ...edited.value, ...changes };
          }}
          back={() => edit(null)}
        />
      )}
    </Dialog>
  );
}

function Shelves({ edit, saved }: { edit(template: Template): void; saved: boolean }) {
  const { me, directory, viewer } = useWorkplace();
  const words = useWords();
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const templates = ordered(present(directory.value.templates));
  const manages = me.value.rights.includes("templates.manage");
  const fresh = (): Template => ({ template_id: uuid7(), owner: viewer, category: "", title: "", text: "" });
  return (
    <>
      <div class="templates-all" data-testid="templates-all">
        {shelved(templates).map((shelf) => (
          <section key={`${shelf.own} ${shelf.category}`}>
            <h3>{shelfName(shelf, words)}</h3>
            <ul>
              {shelf.templates.map((template) => (
                <li key={template.template_id}>
                  <button
                    class="template-row"
                    type="button"
                    disabled={isShared(template) && !manages}
                    data-testid="template-edit"
                    onClick={() => edit(template)}
                  >
                    <b>{template.title}</b>
                    {template.hotkey != null && <kbd>{held(template.hotkey)}</kbd>}
                    <span class="template-text">{template.text}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {templates.length === 0 && <p class="hint">{words.templates.none}</p>}
      </div>
      {!manages && templates.some(isShared) && <p class="hint">{words.templates.onlyShown}</p>}
      <p class="hint" role="status">
        {saved && words.templates.saved}
      </p>
      <div class="window-answers">
        <button class="button" type="button" onClick={shut}>
          {words.dialog.done}
        </button>
        <button class="button primary" type="button" ref={first} data-testid="template-add" onClick={() => edit(fresh())}>
          {words.templates.add}
        </button>
      </div>
    </>
  );
}

interface FormParts {
  readonly template: Template;
  change(changes: Partial<Template>): void;
  back(): void;
}

function Form({ template, change, back }: FormParts) {
  const { actions, me, directory } = useWorkplace();
  const words = useWords();
  const asking = useSignal(false);
  const title = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  const exists = directory.value.templates.get(template.template_id)?.state != null;
  const ready = template.title.trim() !== "" && template.text.trim() !== "";
  const busy = actions.isBusy("template");
  const remove = async (): Promise<void> => {
    if (await actions.deleteTemplate(template.template_id)) back();
  };
  return (
    <>
      <Fields template={template} title={title} manages={me.value.rights.includes("templates.manage")} change={change} />
      <NoticeBox about={IN_DIALOG} />
      {asking.value && (
        <p class="asked" role="alert">
          {words.templates.removeQuestion(template.title)}{" "}
          <button class="button small" type="button" data-testid="template-delete-yes" onClick={() => void remove()}>
            {words.templates.remove}
          </button>
        </p>
      )}
      <div class="window-answers">
        {exists && (
          <button class="button bare is-left" type="button" data-testid="template-delete" onClick={() => (asking.value = true)}>
            <Icon name="bin" size={18} /> {words.templates.remove}
          </button>
        )}
        <button class="button" type="button" onClick={back}>
          {words.dialog.cancel}
        </button>
        <button class={`button primary ${busy ? "is-busy" : ""}`} type="submit" aria-disabled={!ready || busy} data-testid="template-save">
          {words.dialog.save}
        </button>
      </div>
    </>
  );
}

interface FieldsParts {
  readonly template: Template;
  readonly title: { current: HTMLInputElement | null };
  readonly manages: boolean;
  change(changes: Partial<Template>): void;
}

function Fields({ template, title, manages, change }: FieldsParts) {
  const { viewer } = useWorkplace();
  const words = useWords();
  return (
    <>
      <label class="field">
        <span>{words.templates.title}</span>
        <input
          ref={title}
          value={template.title}
          maxLength={200}
          required
          data-testid="template-title"
          onInput={(event) => change({ title: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>{words.templates.text}</span>
        <textarea
          rows={5}
          value={template.text}
          maxLength={4000}
          required
          dir="auto"
          data-testid="template-text"
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </label>
      <div class="fields">
        <label class="field">
          <span>{words.templates.category}</span>
          <input
            value={template.category}
            maxLength={100}
            data-testid="template-category"
            onInput={(event) => change({ category: event.currentTarget.value })}
          />
        </label>
        <label class="field is-short">
          <span>{words.templates.hotkey}</span>
          <select
            value={template.hotkey ?? ""}
            data-testid="template-hotkey"
            onChange={(event) => change({ hotkey: event.currentTarget.value === "" ? null : event.currentTarget.value })}
          >
            <option value="">{words.templates.noHotkey}</option>
            {DIGITS.map((digit) => (
              <option key={digit} value={digit}>
                {held(digit)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {manages && (
        <label class="check">
          <input
            type="checkbox"
            checked={isShared(template)}
            data-testid="template-shared"
            onChange={(event) => change({ owner: event.currentTarget.checked ? null : viewer })}
          />
          {words.templates.forAll}
        </label>
      )}
    </>
  );
}

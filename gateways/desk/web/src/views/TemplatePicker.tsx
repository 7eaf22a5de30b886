// Over the field of the reply: the templates, searched by title and words. The focus is in the search; arrows move,
// Enter or a double click inserts, Escape closes. On a touch screen one touch inserts.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { present } from "../directory.ts";
import { held } from "../shortcuts.ts";
import { found, SEARCHED_FROM, shelved, type Shelf, type Template } from "../templates.ts";
import type { Words } from "../words/index.ts";
import { useWords, useWorkplace } from "./context.ts";
import { openDialog } from "./dialogs.ts";
import { Icon } from "./Icon.tsx";

interface PickerParts {
  insert(template: Template): void;
  /** `literal`: what is to be written in the field instead. */
  close(literal?: string): void;
}

export function TemplatePicker({ insert, close }: PickerParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const id = useId();
  const asked = useSignal("");
  const active = useSignal(0);
  const frame = useRef<HTMLDivElement>(null);
  const templates = found(present(workplace.directory.value.templates), asked.value);
  const searched = asked.value.trim().length >= SEARCHED_FROM;
  useLayoutEffect(() => frame.current?.querySelector("input")?.focus(), []); // before the next key
  useEffect(() => {
    const outside = (event: Event): void => {
      if (!(event.target instanceof Node) || frame.current?.contains(event.target) !== true) close();
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, []);
  useEffect(() => {
    frame.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active.value]);
  const press = (index: number, twice: boolean): void => {
    active.value = index;
    const template = templates[index];
    if (template !== undefined && (twice || matchMedia("(hover: none)").matches)) insert(template);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    const chosen = templates[active.value];
    if (step !== undefined && templates.length > 0) active.value = (active.value + step + templates.length) % templates.length;
    else if (key === "Enter" && chosen !== undefined) insert(chosen);
    else if (key === "Escape") close();
    else if (key === "/" && asked.value === "") close("/");
    else if (key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="templates" ref={frame} data-testid="template-picker">
      <div class="templates-head">
        <label class="picker-search">
          <Icon name="search" size={18} />
          <input
            type="text"
            role="combobox"
            aria-label={words.templates.search}
            aria-expanded="true"
            aria-controls={id}
            aria-activedescendant={templates.length > 0 ? `${id}-${active.value}` : undefined}
            placeholder={words.templates.search}
            autocomplete="off"
            data-testid="template-search"
            onInput={(event) => {
              asked.value = event.currentTarget.value;
              active.value = 0;
            }}
            onKeyDown={onKeyDown}
          />
        </label>
        <button
          class="button bare small"
          type="button"
          data-testid="template-manage"
          onClick={() => (close(), openDialog(workplace, { is: "templates" }))}
        >
          {words.templates.manage}
        </button>
      </div>
      <Found id={id} templates={templates} searched={searched} active={active.value} press={press} />
      <p class="hint templates-hint" aria-hidden="true">
        {words.templates.hint}
      </p>
    </div>
  );
}

interface FoundParts {
  readonly id: string;
  readonly templates: readonly Template[];
  readonly searched: boolean;
  readonly active: number;
  press(index: number, twice: boolean): void;
}

function Found({ id, templates, searched, active, press }: FoundParts) {
  const words = useWords();
  return (
    <div class="templates-found" id={id} role="listbox" aria-label={words.templates.heading} tabIndex={-1}>
      {shelved(templates).map((shelf, place) => (
        <div key={place} role="group" aria-label={shelfName(shelf, words)}>
          <p class="picker-heading" aria-hidden="true">
            {shelfName(shelf, words)}
          </p>
          {shelf.templates.map((template) => {
            const index = templates.indexOf(template);
            return (
              <div
                key={template.template_id}
                class="template"
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                data-testid="template"
                onClick={() => press(index, false)}
                onDblClick={() => press(index, true)}
              >
                <b>{template.title}</b>
                {template.hotkey != null && <kbd>{held(template.hotkey)}</kbd>}
                <span class="template-text">{template.text}</span>
              </div>
            );
          })}
        </div>
      ))}
      {templates.length === 0 && (
        <p class="hint" role="option" aria-selected="false" aria-disabled="true" data-testid="template-none">
          {searched ? words.templates.notFound : words.templates.none}
        </p>
      )}
    </div>
  );
}

/** Whose, and of which category. */
export function shelfName({ own, category }: Shelf, words: Words): string {
  return `${own ? words.templates.own : words.templates.shared} · ${category === "" ? words.templates.noCategory : category}`;
}

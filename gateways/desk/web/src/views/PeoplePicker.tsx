// Choosing from a list by pointer or keyboard: the focus stays in the search field, the arrows move through what is
// shown, Enter chooses. Who cannot be chosen stands greyed, with the reason.

import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";

export interface Choice {
  readonly key: string;
  readonly words: ComponentChildren;
  readonly chosen: boolean;
  /** Why it cannot be chosen. */
  readonly whyNot: string | null;
}

export interface Section {
  readonly heading: string;
  readonly choices: readonly Choice[];
}

interface PickerParts {
  readonly label: string;
  readonly sections: readonly Section[];
  readonly several?: boolean;
  search(asked: string): void;
  choose(key: string): void;
}

export function PeoplePicker({ label, sections, several = false, search, choose }: PickerParts) {
  const words = useWords();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const choices = sections.flatMap((section) => section.choices);
  const { active, onKeyDown, first } = useActive(choices, choose);
  useEffect(() => {
    list.current?.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div class="picker">
      <label class="picker-search">
        <Icon name="search" size={18} />
        <input
          type="text"
          role="combobox"
          aria-label={label}
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={active === null ? undefined : `${id} ${active}`.replaceAll(" ", "_")}
          placeholder={words.dialog.find}
          autocomplete="off"
          data-first
          data-testid="person-search"
          onInput={(event) => (search(event.currentTarget.value), first())}
          onKeyDown={onKeyDown}
        />
      </label>
      <div class="picker-list" id={id} role="listbox" aria-label={label} aria-multiselectable={several} ref={list} tabIndex={-1}>
        {sections.map(({ heading, choices: inside }) =>
          inside.length === 0 ? null : (
            <div key={heading} role="group" aria-label={heading}>
              <p class="picker-heading" aria-hidden="true">
                {heading}
              </p>
              {inside.map((choice) => (
                <Option key={choice.key} choice={choice} id={`${id} ${choice.key}`.replaceAll(" ", "_")} active={choice.key === active} choose={choose} />
              ))}
            </div>
          ),
        )}
        {choices.length === 0 && (
          <p class="hint" role="option" aria-selected="false" aria-disabled="true">
            {words.dialog.none}
          </p>
        )}
      </div>
    </div>
  );
}

interface OptionParts {
  readonly choice: Choice;
  readonly id: string;
  readonly active: boolean;
  choose(key: string): void;
}

function Option({ choice, id, active, choose }: OptionParts) {
  const { key, words, chosen, whyNot } = choice;
  return (
    <div
      class="option"
      id={id}
      role="option"
      aria-selected={chosen}
      aria-disabled={whyNot !== null}
      data-active={active}
      data-testid="choice"
      data-key={key}
      onClick={() => whyNot === null && choose(key)}
    >
      {words}
      {chosen && <Icon name="check" size={18} />}
    </div>
  );
}

/** Which one the arrows lead to; what cannot be chosen is passed by. */
function useActive(choices: readonly Choice[], choose: (key: string) => void) {
  const active = useSignal<string | null>(null);
  const may = choices.filter(({ whyNot }) => whyNot === null).map(({ key }) => key);
  const here = active.value === null ? -1 : may.indexOf(active.value);
  const now = here === -1 ? (may[0] ?? null) : active.value;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && may.length > 0) {
      active.value = may[(may.indexOf(now ?? "") + step + may.length) % may.length] ?? null;
    } else if (event.key === "Enter" && now !== null) {
      choose(now);
    } else {
      return;
    }
    event.preventDefault();
  };
  const first = (): void => {
    active.value = null;
  };
  return { active: now, onKeyDown, first };
}

// In place of the field, or over it: the templates that the channel's provider approved; one is found, filled in
// with what it will say before one's eyes, and sent. Escape goes back a step.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { type Approved, languagesOf, matching, readOf } from "../approved.ts";
import type { Conversation } from "../wire.ts";
import { ApprovedForm } from "./ApprovedForm.tsx";
import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

interface ChooserParts {
  readonly conversation: Conversation;
  close(): void;
}

export function ApprovedChooser({ conversation, close }: ChooserParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const { account } = conversation;
  const known = useSignal<readonly Approved[] | null>(null);
  const chosen = useSignal<Approved | null>(null);
  const key = `approved ${account}`;
  useEffect(() => {
    workplace.readings.start(key, async () => {
      known.value = await workplace.archive.approved(account);
    });
  }, [workplace, account]);
  const late = workplace.readings.states.value.get(key) === "late";
  if (chosen.value !== null) {
    const other = (): void => {
      chosen.value = null;
    };
    return <ApprovedForm key={`${chosen.value.name} ${chosen.value.language}`} template={chosen.value} conversation={conversation} other={other} sent={close} />;
  }
  if (known.value === null) {
    return (
      <p class="approved approved-late hint" role="status" data-testid="approved-late">
        {late ? words.window.late : words.window.loading}
      </p>
    );
  }
  return <Finder templates={known.value} choose={(template) => (chosen.value = template)} close={close} />;
}

interface FinderParts {
  readonly templates: readonly Approved[];
  choose(template: Approved): void;
  close(): void;
}

function Finder({ templates, choose, close }: FinderParts) {
  const { window: words } = useWords();
  const id = useId();
  const asked = useSignal("");
  const language = useSignal("");
  const active = useSignal(0);
  const frame = useRef<HTMLDivElement>(null);
  const found = matching(templates, asked.value, language.value);
  useLayoutEffect(() => frame.current?.querySelector("input")?.focus(), []);
  useEffect(() => frame.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [active.value]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const template = found[active.value];
    if (step !== undefined && found.length > 0) active.value = (active.value + step + found.length) % found.length;
    else if (event.key === "Enter" && template !== undefined) choose(template);
    else if (event.key === "Escape") close();
    else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="templates approved" ref={frame} data-testid="approved">
      <div class="templates-head">
        <label class="picker-search">
          <Icon name="search" size={18} />
          <input
            type="text"
            role="combobox"
            aria-label={words.search}
            aria-expanded="true"
            aria-controls={id}
            aria-activedescendant={found.length > 0 ? `${id}-${active.value}` : undefined}
            placeholder={words.search}
            autocomplete="off"
            data-testid="approved-search"
            onInput={(event) => {
              asked.value = event.currentTarget.value;
              active.value = 0;
            }}
            onKeyDown={onKeyDown}
          />
        </label>
        <LanguageChoice
          languages={languagesOf(templates)}
          language={language.value}
          choose={(one) => {
            language.value = one;
            active.value = 0;
          }}
        />
      </div>
      <FoundList id={id} found={found} active={active.value} none={templates.length === 0 ? words.empty : words.notFound} choose={choose} />
      <p class="hint templates-hint" aria-hidden="true">
        {words.hint}
      </p>
    </div>
  );
}

interface ChoiceParts {
  readonly languages: readonly string[];
  readonly language: string;
  choose(language: string): void;
}

function LanguageChoice({ languages, language, choose }: ChoiceParts) {
  const { window: words } = useWords();
  if (languages.length < 2) return null;
  return (
    <select
      class="approved-language"
      aria-label={words.language}
      value={language}
      data-testid="approved-language"
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">{words.anyLanguage}</option>
      {languages.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}

interface FoundParts {
  readonly id: string;
  readonly found: readonly Approved[];
  readonly active: number;
  /** What is said where there are none. */
  readonly none: string;
  choose(template: Approved): void;
}

function FoundList({ id, found, active, none, choose }: FoundParts) {
  const { window: words } = useWords();
  return (
    <div class="templates-found" id={id} role="listbox" aria-label={words.heading} tabIndex={-1}>
      {found.map((template, index) => (
        <div
          key={`${template.name} ${template.language}`}
          class="template"
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          data-testid="approved-one"
          onClick={() => choose(template)}
        >
          <b>{template.name}</b>
          <span class="hint">{template.language}</span>
          <span class="template-text">{readOf(template, template.examples ?? [])}</span>
        </div>
      ))}
      {found.length === 0 && (
        <p class="hint" role="option" aria-selected="false" aria-disabled="true" data-testid="approved-none">
          {none}
        </p>
      )}
    </div>
  );
}

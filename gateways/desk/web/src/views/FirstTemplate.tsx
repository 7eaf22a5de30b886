// The template with which a conversation begins where the channel takes nothing else: one without a file, every place
// of it filled in, and what the client will read.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Approved, type Blank, blanksOf, type Filled, isFilled, readOf } from "../approved.ts";
import type { Words } from "../words/index.ts";
import { useWords, useWorkplace } from "./context.ts";

interface TemplateParts {
  readonly account: string;
  /** What goes; null while something is missing. */
  readonly filled: Signal<Filled | null>;
}

export function FirstTemplate({ account, filled }: TemplateParts) {
  const workplace = useWorkplace();
  const { window: words } = useWords();
  const known = useSignal<readonly Approved[] | null>(null);
  const chosen = useSignal("");
  const given = useSignal<readonly string[]>([]);
  const key = `approved ${account}`;
  useEffect(() => {
    choose("", []);
    known.value = null;
    workplace.readings.start(key, async () => {
      known.value = (await workplace.archive.approved(account)).filter(({ media }) => media == null);
    });
  }, [workplace, account]);
  const choose = (which: string, said: readonly string[]): void => {
    const template = known.peek()?.find((one) => keyOf(one) === which);
    chosen.value = which;
    given.value = said;
    const whole = template !== undefined && isFilled(template, said);
    const parameters = said.map((one) => one.trim());
    filled.value = whole ? { name: template.name, language: template.language, parameters } : null;
  };
  const template = known.value?.find((one) => keyOf(one) === chosen.value);
  if (known.value === null) {
    const late = workplace.readings.states.value.get(key) === "late";
    return <p role="status">{late ? words.late : words.loading}</p>;
  }
  if (known.value.length === 0) return <p role="status">{words.empty}</p>;
  return (
    <>
      <label class="field">
        <span>{words.choose}</span>
        <select
          value={chosen.value}
          data-testid="first-template"
          onChange={({ currentTarget: { value } }) => choose(value, blanksIn(known.value, value).map(() => ""))}
        >
          <option value="">—</option>
          {known.value.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {`${one.name} · ${one.language}`}
            </option>
          ))}
        </select>
      </label>
      {template !== undefined &&
        blanksOf(template).map((blank, index) => (
          <label class="field" key={index}>
            <span>{nameOf(blank, words)}</span>
            <input
              value={given.value[index] ?? ""}
              placeholder={blank.example === "" ? undefined : words.example(blank.example)}
              dir="auto"
              autocomplete="off"
              data-testid="first-blank"
              onInput={(event) => choose(chosen.value, given.value.with(index, event.currentTarget.value))}
            />
          </label>
        ))}
      {template !== undefined && (
        <div class="approved-preview" aria-live="polite">
          <p class="hint">{words.preview}</p>
          <p class="said" dir="auto" data-testid="first-preview">
            {readOf(template, given.value)}
          </p>
        </div>
      )}
    </>
  );
}

function keyOf({ name, language }: Approved): string {
  return `${language} ${name}`;
}

function blanksIn(known: readonly Approved[] | null, which: string): readonly Blank[] {
  const template = known?.find((one) => keyOf(one) === which);
  return template === undefined ? [] : blanksOf(template);
}

function nameOf({ where, place }: Blank, words: Words["window"]): string {
  return { header: words.inHeader, text: words.inText, button: words.inButton }[where](place);
}

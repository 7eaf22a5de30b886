// Why a conversation waits: who could have it now, and why not the others.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { of } from "../colleagues.ts";
import type { Considered } from "../explanation.ts";
import type { Explained } from "../explanations.ts";
import type { Conversation } from "../wire.ts";
import { failureWords, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { Person } from "./Person.tsx";

export function Why({ conversation }: { conversation: Conversation }) {
  const { explanations } = useWorkplace();
  const words = useWords();
  const open = useSignal(false);
  const frame = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const box = useId();
  const id = conversation.conversation_id;
  useEffect(() => {
    if (!open.value) return;
    void explanations.ask(id);
    const outside = (event: Event): void => {
      if (!(event.target instanceof Node) || frame.current?.contains(event.target) !== true) open.value = false;
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open.value, id, conversation.version]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !open.value) return;
    event.stopPropagation();
    open.value = false;
    button.current?.focus();
  };
  return (
    <span class="why-frame" ref={frame} onKeyDown={onKeyDown}>
      <button
        ref={button}
        class="link"
        type="button"
        aria-expanded={open.value}
        aria-controls={open.value ? box : undefined}
        data-testid="why"
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Icon name="question" size={14} /> {words.acts.why}
      </button>
      {open.value && (
        <div class="why" id={box} role="region" aria-label={words.explain.heading} tabIndex={0} data-testid="explanation">
          <Answer explained={explanations.known.value.get(id)} />
        </div>
      )}
    </span>
  );
}

function Answer({ explained }: { explained: Explained | undefined }) {
  const words = useWords();
  const { waits } = words.explain;
  if (explained === undefined || explained.is === "asking") return <p role="status">{words.explain.asking}</p>;
  if (explained.is === "failed") return <p role="alert">{failureWords(explained.failure, words)}</p>;
  const { explanation } = explained;
  const said = Object.hasOwn(waits, explanation.waits) ? waits[explanation.waits as keyof typeof waits] : explanation.waits;
  return (
    <>
      <p role="status" data-testid="waits">
        <b>{said}</b>
      </p>
      <h3>{words.explain.considered}</h3>
      {explanation.considered.length === 0 && <p class="hint">{words.explain.nobody}</p>}
      <ConsideredList considered={explanation.considered} />
    </>
  );
}

export function ConsideredList({ considered }: { considered: readonly Considered[] }) {
  const { directory } = useWorkplace();
  const words = useWords();
  return (
    <ul class="people" data-testid="considered">
      {considered.map(({ operator_id: id, why, load, limit }) => {
        const operator = directory.value.operators.get(id)?.state;
        if (operator == null) return null;
        const said = Object.hasOwn(words.explain.why, why) ? words.explain.why[why] : why;
        const much = load === undefined ? [] : [limit == null ? words.transfer.loadOnly(load) : words.transfer.load(load, limit)];
        return (
          <li class="people-row" key={id} data-why={why}>
            <Person colleague={of(directory.value, operator)}>{[said, ...much].join(" · ")}</Person>
          </li>
        );
      })}
    </ul>
  );
}

// Suggestions while one writes: shown after a key that wrote something at the end of the text, gone with any other
// move. Nothing is chosen until an arrow chooses it, so Enter sends as it always does; Tab takes the first.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { present } from "../directory.ts";
import { type Suggested, suggested } from "../suggestions.ts";
import type { Template } from "../templates.ts";
import type { Conversation } from "../wire.ts";
import { useWorkplace } from "./context.ts";

type Field = { readonly current: HTMLTextAreaElement | null };

export interface Suggestions {
  readonly id: string;
  readonly shown: Suggested | null;
  /** -1: none is chosen. */
  readonly active: number;
  /** Something was written in the field. */
  written(): void;
  take(template: Template): void;
  close(): void;
  /** Whether the key was one of theirs. */
  onKey(event: KeyboardEvent): boolean;
}

export function useSuggestions({ dialog_id: dialog }: Conversation, field: Field): Suggestions {
  const { drafts, directory, suggests } = useWorkplace();
  const id = useId();
  const shown = useSignal<Suggested | null>(null);
  const active = useSignal(-1);
  const dismissed = useSignal(-1);

  const show = (next: Suggested | null): void => {
    shown.value = next;
    active.value = -1;
  };
  const written = (): void => {
    const text = drafts.texts.peek().get(dialog) ?? "";
    const box = field.current;
    const atEnd = box !== null && box.selectionStart === text.length && box.selectionEnd === text.length;
    const next = suggests.on.peek() && atEnd ? suggested(present(directory.peek().templates), text) : null;
    if (next === null || next.from !== dismissed.peek()) dismissed.value = -1;
    show(dismissed.peek() === -1 ? next : null);
  };
  const take = (template: Template): void => {
    const now = shown.peek();
    if (now === null) return;
    drafts.write(dialog, (drafts.texts.peek().get(dialog) ?? "").slice(0, now.from) + template.text);
    show(null);
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const now = shown.peek();
    if (now === null || event.isComposing) return false;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    const { length } = now.templates;
    const { key } = event;
    const chosen = active.peek();
    if (key === "ArrowDown") active.value = (chosen + 1) % length;
    else if (key === "ArrowUp") active.value = chosen <= 0 ? length - 1 : chosen - 1;
    else if (key === "Tab" || (key === "Enter" && chosen >= 0)) take(now.templates[Math.max(0, chosen)]!);
    else if (key === "Escape") {
      dismissed.value = now.from;
      show(null);
    } else {
      if (key === "Enter" || key.length > 1) show(null); // another move; a letter is told as written
      return false;
    }
    return true;
  };
  return { id, shown: shown.value, active: active.value, written, take, close: () => show(null), onKey };
}

// Templates over the field of the reply: opened and closed, and written where the cursor was.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { present } from "../directory.ts";
import { digitOf } from "../shortcuts.ts";
import { ofHotkey, type Template, written } from "../templates.ts";
import type { Conversation } from "../wire.ts";
import { useWorkplace } from "./context.ts";

type Field = { readonly current: HTMLTextAreaElement | null };

export interface Templates {
  readonly open: boolean;
  show(): void;
  insert(template: Template): void;
  close(literal?: string): void;
  /** Whether the key was one of theirs. */
  onKey(event: KeyboardEvent): boolean;
}

export function useTemplates({ dialog_id: dialog }: Conversation, field: Field): Templates {
  const { drafts, directory } = useWorkplace();
  const open = useSignal(false);
  const cursor = useRef<number | null>(null);
  const text = drafts.of(dialog);
  useEffect(() => {
    if (cursor.current === null || field.current === null) return;
    field.current.setSelectionRange(cursor.current, cursor.current);
    cursor.current = null;
  }, [text]);

  const write = (words: string): void => {
    const now = drafts.texts.peek().get(dialog) ?? "";
    const { selectionStart = now.length, selectionEnd = now.length } = field.current ?? {};
    const after = written(now, words, selectionStart, selectionEnd);
    cursor.current = after.cursor;
    drafts.write(dialog, after.text);
  };
  const close = (literal?: string): void => {
    open.value = false;
    if (literal !== undefined) write(literal);
    field.current?.focus();
  };
  const insert = (template: Template): void => close(template.text);
  const show = (): void => {
    open.value = true;
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const digit = digitOf(event);
    if (digit !== null) {
      const template = ofHotkey(present(directory.peek().templates), digit);
      if (template !== null) insert(template);
      return template !== null;
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || (drafts.texts.peek().get(dialog) ?? "") !== "") return false;
    show();
    return true;
  };
  return { open: open.value, show, insert, close, onKey };
}

// A window over the page: the focus stays inside, Escape closes it, and goes back to where it was.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { IN_DIALOG } from "../actions.ts";
import { useWords } from "./context.ts";
import { closeDialog } from "./dialogs.ts";
import { Icon } from "./Icon.tsx";
import { NoticeBox } from "./NoticeBox.tsx";

interface DialogParts {
  readonly name: string;
  readonly heading: string;
  readonly wide?: boolean;
  /** Enter in a field, or the button that submits. */
  submit?(): void;
  readonly children: ComponentChildren;
}

export function Dialog({ name, heading, wide = false, submit, children }: DialogParts) {
  const words = useWords();
  const box = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    box.current?.showModal(); // before the next key, which else went to the field of the reply
    box.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, []);
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    submit?.();
  };
  return (
    <dialog
      class={`window ${wide ? "is-wide" : ""}`}
      ref={box}
      aria-labelledby={title}
      onClose={closeDialog}
      data-testid={`dialog-${name}`}
    >
      <form class="window-inside" onSubmit={onSubmit} noValidate>
        <header class="window-head">
          <h2 id={title}>{heading}</h2>
          <button
            class="button bare icon-only"
            type="button"
            aria-label={words.dialog.shut}
            data-testid="dialog-shut"
            onClick={() => box.current?.close()}
          >
            <Icon name="close" size={18} />
          </button>
        </header>
        <div class="window-body">{children}</div>
      </form>
    </dialog>
  );
}

interface AnswersParts {
  readonly yes: string;
  readonly ready: boolean;
  readonly busy: boolean;
  readonly children?: ComponentChildren;
}

/** At the foot of a window: what went wrong, and its two buttons. */
export function Answers({ yes, ready, busy, children }: AnswersParts) {
  const words = useWords();
  return (
    <>
      <NoticeBox about={IN_DIALOG} />
      <div class="window-answers">
        {children}
        <button class="button" type="button" onClick={shut} data-testid="dialog-cancel">
          {words.dialog.cancel}
        </button>
        <button
          class={`button primary ${busy ? "is-busy" : ""}`}
          type="submit"
          aria-disabled={!ready || busy}
          data-testid="dialog-yes"
        >
          {yes}
        </button>
      </div>
    </>
  );
}

/** Closes the window that the event came from, so that the browser brings the focus back. */
export function shut(): void {
  const open = document.querySelector<HTMLDialogElement>("dialog.window[open]");
  if (open === null) closeDialog();
  else open.close();
}

// A button that opens a list of acts. By keyboard: arrows, Home, End, Enter; Escape and Tab close it.

import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";

interface MenuParts {
  readonly name: string;
  readonly label: string;
  readonly opener: ComponentChildren;
  readonly openerClass?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly keys?: string | null;
  /** `close` brings the focus back to the button. */
  items(close: () => void): ComponentChildren;
}

export function Menu({ name, label, opener, openerClass = "button", data = {}, keys, items }: MenuParts) {
  const open = useSignal(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (): void => {
    open.value = false;
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (open.value) entries(frame.current)[0]?.focus();
  }, [open.value]);
  useEffect(() => {
    if (!open.value) return;
    const outside = (event: Event): void => {
      if (!(event.target instanceof Node) || frame.current?.contains(event.target) !== true) open.value = false;
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open.value]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open.value) return;
    if (event.key === "Tab") open.value = false;
    else if (event.key === "Escape") close();
    else if (!moved(event, entries(frame.current))) return;
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu-frame" ref={frame} onKeyDown={onKeyDown}>
      <button
        ref={button}
        class={openerClass}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-controls={open.value ? id : undefined}
        aria-label={label}
        aria-keyshortcuts={keys ?? undefined}
        title={keys == null ? label : `${label} (${keys})`}
        data-testid={name}
        {...data}
        onClick={() => {
          open.value = !open.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || open.value) return;
          event.preventDefault();
          open.value = true;
        }}
      >
        {opener}
      </button>
      {open.value && (
        <div class="menu" id={id} role="menu" aria-label={label} data-testid={`${name}-items`}>
          {items(close)}
        </div>
      )}
    </div>
  );
}

interface ItemParts {
  readonly name: string;
  readonly keys?: string | null;
  /** Of a choice among several: whether it is this one. */
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly children: ComponentChildren;
  act(): void;
}

export function MenuItem({ name, keys, checked, danger = false, children, act }: ItemParts) {
  return (
    <button
      class={`menu-item ${danger ? "is-danger" : ""}`}
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      aria-keyshortcuts={keys ?? undefined}
      tabIndex={-1}
      data-testid={name}
      onClick={act}
    >
      <span class="menu-words">{children}</span>
      {keys != null && <kbd aria-hidden="true">{keys}</kbd>}
    </button>
  );
}

function entries(frame: HTMLElement | null): readonly HTMLElement[] {
  return [...(frame?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
}

/** Whether the key led to another entry. */
function moved({ key }: KeyboardEvent, all: readonly HTMLElement[]): boolean {
  const here = all.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1 + (here <= 0 ? all.length : 0), Home: 0, End: all.length - 1 }[key];
  if (next === undefined || all.length === 0) return false;
  all[next % all.length]?.focus();
  return true;
}

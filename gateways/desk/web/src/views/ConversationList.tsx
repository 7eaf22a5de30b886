// The list of a folder, newest first; more is read as its end comes near. Arrow keys move the focus.

import { useEffect, useRef } from "preact/hooks";
import { isActive, passes, scopeOf } from "../filters.ts";
import { keyOf, listIn, type Scope, windowOf } from "../lists.ts";
import { shortcutOf } from "../shortcuts.ts";
import type { Folder } from "../wire.ts";
import { chosenRows, filter } from "./choosing.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { countsOf } from "./counts.ts";
import { ConversationRow } from "./ConversationRow.tsx";
import { Icon } from "./Icon.tsx";
import { ListSearch } from "./ListSearch.tsx";
import { ListTools } from "./ListTools.tsx";
import { useSlice } from "./useSlice.ts";

/** Names are looked up when the typing pauses. */
const TYPING_MS = 250;

export function ConversationList() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const { folder, conversation: open } = app.route.value;
  const scope = scopeOf(folder, filter.value);
  const model = workplace.model.value;
  const window = windowOf(model, scope);
  const items = listIn(model, scope).filter((item) => passes(item, filter.value));
  const chosen = chosenRows.value;
  const { box, from, to, rowHeight, onScroll } = useSlice(items.length, keyOf(scope));
  const whole = to - from === items.length;
  useEffect(() => {
    chosenRows.value = null;
  }, [folder]);
  useEffect(() => {
    if (window.read) return;
    const timer = setTimeout(() => workplace.lists.read(scope), scope.name === "" ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [workplace, keyOf(scope), window.read]);
  useKey();
  return (
    <section class="list" aria-label={words.list.heading(words.folders[folder])}>
      <header class="list-heading">
        <div>
          <h1>{words.folders[folder]}</h1>
          <p class="hint" data-testid="list-counts">
            {countsOf(workplace.showing.counter(folder), words)}
          </p>
        </div>
        <ListTools folder={folder} items={items} />
        <ListSearch />
      </header>
      <div
        class="list-scroll"
        ref={box}
        onScroll={onScroll}
        onKeyDown={moveFocus}
        data-testid="list"
        data-folder={folder}
        aria-busy={!window.read}
      >
        {items.length > 0 && (
          <ul style={{ paddingTop: `${from * rowHeight}px`, paddingBottom: `${(items.length - to) * rowHeight}px` }}>
            {items.slice(from, to).map((item, index) => (
              <ConversationRow
                key={item.conversation_id}
                conversation={item}
                folder={folder}
                open={item.conversation_id === open}
                chosen={chosen === null ? null : chosen.has(item.conversation_id)}
                place={whole ? 0 : from + index + 1}
                of={whole ? 0 : window.next === null ? items.length : -1}
              />
            ))}
          </ul>
        )}
        {window.read && window.next !== null && <More key={keyOf(scope)} scope={scope} next={window.next} />}
        {window.read && items.length === 0 && window.next === null && <Empty folder={folder} />}
        {!window.read && items.length === 0 && <Loading state={workplace.readings.states.value.get(keyOf(scope))} />}
      </div>
    </section>
  );
}

/** Alt+L leads to the list: to the conversation that is open, else to the first. */
function useKey(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (shortcutOf(event) !== "list" || document.querySelector("dialog[open]") !== null) return;
      const rows = document.querySelectorAll<HTMLElement>(".list a.row");
      ([...rows].find((row) => row.ariaCurrent === "true") ?? rows[0])?.focus();
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function Empty({ folder }: { folder: Folder }) {
  const words = useWords();
  const filtered = isActive(filter.value);
  return (
    <p class="empty" data-testid="list-empty">
      <Icon name={filtered ? "filter" : folder} size={36} />
      {filtered ? words.filter.empty : words.list.empty[folder]}
    </p>
  );
}

function Loading({ state }: { state: string | undefined }) {
  const words = useWords();
  return (
    <p class="empty" data-testid="list-loading">
      {state === "late" ? words.outage.late : words.list.loading}
    </p>
  );
}

interface MoreParts {
  readonly scope: Scope;
  readonly next: string;
}

/** Reads on when it is scrolled into sight, or pressed. */
function More({ scope, next }: MoreParts) {
  const workplace = useWorkplace();
  const words = useWords();
  const button = useRef<HTMLButtonElement>(null);
  const more = (): void => workplace.lists.read(scope, true);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) more();
    });
    if (button.current !== null) seen.observe(button.current);
    return () => seen.disconnect();
  }, [next]);
  return (
    <button class="button bare wide" type="button" ref={button} onClick={more} data-testid="list-more">
      {workplace.readings.states.value.has(keyOf(scope)) ? words.list.loading : words.list.more}
    </button>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.currentTarget as HTMLElement;
  const links = (): readonly HTMLElement[] => [...list.querySelectorAll<HTMLElement>("a")];
  const all = links();
  if (event.key === "Home" || event.key === "End") {
    list.scrollTop = event.key === "Home" ? 0 : list.scrollHeight;
    requestAnimationFrame(() => links().at(event.key === "Home" ? 0 : -1)?.focus()); // they are drawn by then
  } else if (step !== undefined) {
    const here = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, here + step))]?.focus();
  } else return;
  event.preventDefault();
}

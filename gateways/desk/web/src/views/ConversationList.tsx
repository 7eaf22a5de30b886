// The list of a folder, newest first; more is read as its end comes near. Arrow keys move the focus.

import { useEffect, useRef } from "preact/hooks";
import { isActive, passes } from "../filters.ts";
import { counterOf, listOf } from "../model.ts";
import { shortcutOf } from "../shortcuts.ts";
import type { Folder } from "../wire.ts";
import { chosenRows, filter } from "./choosing.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { countsOf } from "./counts.ts";
import { ConversationRow } from "./ConversationRow.tsx";
import { Icon } from "./Icon.tsx";
import { ListTools } from "./ListTools.tsx";

export function ConversationList() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const { folder, conversation: open } = app.route.value;
  const model = workplace.model.value;
  const items = listOf(model, folder).filter((item) => passes(item, filter.value));
  const window = model.windows[folder];
  const chosen = chosenRows.value;
  useEffect(() => {
    chosenRows.value = null;
  }, [folder]);
  useKey();
  return (
    <section class="list" aria-label={words.list.heading(words.folders[folder])}>
      <header class="list-heading">
        <div>
          <h1>{words.folders[folder]}</h1>
          <p class="hint" data-testid="list-counts">
            {countsOf(counterOf(model, folder), words)}
          </p>
        </div>
        <ListTools folder={folder} items={items} />
      </header>
      <div class="list-scroll" onKeyDown={moveFocus} data-testid="list" data-folder={folder} aria-busy={!window.read}>
        {items.length > 0 && (
          <ul>
            {items.map((item) => (
              <ConversationRow
                key={item.conversation_id}
                conversation={item}
                folder={folder}
                open={item.conversation_id === open}
                chosen={chosen === null ? null : chosen.has(item.conversation_id)}
              />
            ))}
          </ul>
        )}
        {window.read && window.next !== null && <More key={folder} />}
        {window.read && items.length === 0 && window.next === null && <Empty folder={folder} />}
        {!window.read && <Loading state={workplace.readings.states.value.get(`list ${folder}`)} />}
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

/** Reads on when it is scrolled into sight, or pressed. */
function More() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const button = useRef<HTMLButtonElement>(null);
  const more = (): void => workplace.readList(app.route.peek().folder, true);
  const next = workplace.model.value.windows[app.route.value.folder].next;
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) more();
    });
    if (button.current !== null) seen.observe(button.current);
    return () => seen.disconnect();
  }, [next]);
  return (
    <button class="button bare wide" type="button" ref={button} onClick={more} data-testid="list-more">
      {workplace.readings.states.value.has(`list ${app.route.value.folder}`) ? words.list.loading : words.list.more}
    </button>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.currentTarget as HTMLElement;
  const links = [...list.querySelectorAll<HTMLElement>("a")];
  const here = links.indexOf(document.activeElement as HTMLElement);
  let target: HTMLElement | undefined;
  if (step !== undefined) target = links[Math.max(0, Math.min(links.length - 1, here + step))];
  else if (event.key === "Home") target = links[0];
  else if (event.key === "End") target = links.at(-1);
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}

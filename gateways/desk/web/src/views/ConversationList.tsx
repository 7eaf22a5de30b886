// The list of a folder, newest first; more is read as its end comes near. Arrow keys move the focus.

import { useEffect, useRef } from "preact/hooks";
import { counterOf, listOf } from "../model.ts";
import type { Folder } from "../wire.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { countsOf } from "./counts.ts";
import { ConversationRow } from "./ConversationRow.tsx";
import { Icon } from "./Icon.tsx";

export function ConversationList() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const { folder, conversation: open } = app.route.value;
  const model = workplace.model.value;
  const items = listOf(model, folder);
  const window = model.windows[folder];
  return (
    <section class="list" aria-label={words.list.heading(words.folders[folder])}>
      <header class="list-heading">
        <h1>{words.folders[folder]}</h1>
        <p class="hint" data-testid="list-counts">
          {countsOf(counterOf(model, folder), words)}
        </p>
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

function Empty({ folder }: { folder: Folder }) {
  const words = useWords();
  return (
    <p class="empty" data-testid="list-empty">
      <Icon name={folder} size={36} />
      {words.list.empty[folder]}
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

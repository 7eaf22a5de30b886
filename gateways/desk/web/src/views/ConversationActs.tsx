// What may be done with the open conversation: the usual acts as buttons, all of them in a menu and by keys.

import { useEffect, useRef } from "preact/hooks";
import type { ActName } from "../acts.ts";
import { keysOf, shortcutOf } from "../shortcuts.ts";
import type { Conversation } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { shownDialog } from "./dialogs.ts";
import { Icon } from "./Icon.tsx";
import { Menu, MenuItem } from "./Menu.tsx";
import { focusField } from "./MessageActs.tsx";
import { type Act, useActs } from "./useActs.ts";

/** Shown as buttons, where they may be done; the first of them is the one to press. */
const BUTTONS: readonly ActName[] = ["accept", "resume", "close"];
const GRAVE: readonly ActName[] = ["block"];

export function ConversationActs({ conversation }: { conversation: Conversation }) {
  const words = useWords();
  const acts = useActs(conversation);
  const toMe = acts.some(({ name }) => name === "decline"); // the offer's own strip has its answers
  const buttons = BUTTONS.flatMap((name) => (toMe && name === "accept" ? [] : (acts.find((act) => act.name === name) ?? [])));
  const { writing } = useWorkplace();
  const id = conversation.conversation_id;
  const note = (): void => {
    writing.jot(id, !writing.notes.peek().has(id));
    focusField();
  };
  useKeys(acts, note);
  return (
    <div class="head-acts">
      {buttons.map((act) => (
        <ActButton key={act.name} act={act} />
      ))}
      <Menu
        name="acts"
        label={words.acts.menu}
        openerClass="button icon-only"
        opener={<Icon name="more" />}
        keys={keysOf("menu")}
        items={(close) => (
          <>
            {acts.map((act) => (
              <MenuItem
                key={act.name}
                name={`act-${act.name}`}
                keys={act.keys}
                danger={GRAVE.includes(act.name)}
                act={() => (close(), act.run())}
              >
                {act.words}
              </MenuItem>
            ))}
            <MenuItem name="act-note" keys={keysOf("note")} act={() => (close(), note())}>
              {words.acts.note}
            </MenuItem>
          </>
        )}
      />
    </div>
  );
}

function ActButton({ act }: { act: Act }) {
  return (
    <button
      class={`button ${act.name === "close" ? "" : "primary"} ${act.busy ? "is-busy" : ""}`}
      type="button"
      aria-disabled={act.busy}
      aria-keyshortcuts={act.keys ?? undefined}
      title={act.keys === null ? undefined : `${act.words} (${act.keys})`}
      data-testid={act.name}
      onClick={act.run}
    >
      {act.words}
    </button>
  );
}

/** Everywhere on the page, unless a window stands over it. */
function useKeys(acts: readonly Act[], note: () => void): void {
  const now = useRef({ acts, note });
  now.current = { acts, note };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf(event);
      if (shortcut === null || shortcut === "list" || shownDialog.peek() !== null || document.querySelector("dialog[open]") !== null) return;
      if (shortcut === "menu") document.querySelector<HTMLElement>("[data-testid=acts]")?.click();
      else if (shortcut === "note") now.current.note();
      else now.current.acts.find(({ name }) => name === shortcut)?.run();
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

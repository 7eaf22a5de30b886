// What messengers say around a message: from whom it was passed on, its buttons, what was pressed, reactions.

import type { Button } from "../contract.ts";
import type { Reaction } from "../wire.ts";
import { useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";

export function Forwarded({ from }: { from: string }) {
  const { messengers } = useWords();
  return (
    <p class="forwarded" data-testid="forwarded">
      <Icon name="hand" size={15} />
      {from === "" ? messengers.forwardedUnnamed : messengers.forwarded(from)}
    </p>
  );
}

/** As the client sees them; only the client can press. */
export function ButtonRows({ buttons }: { buttons: readonly Button[] }) {
  const { messengers } = useWords();
  const rows = [...new Set(buttons.map(({ row = 0 }) => row))].sort((one, other) => one - other);
  return (
    <div class="keys" role="group" aria-label={messengers.buttons} data-testid="buttons">
      {rows.map((row) => (
        <ul key={row}>
          {buttons
            .filter((button) => (button.row ?? 0) === row)
            .map((button, index) => (
              <li key={index} class="key" title={button.url ?? undefined}>
                {button.label}
              </li>
            ))}
        </ul>
      ))}
    </div>
  );
}

export function Pressed({ label }: { label: string }) {
  const { messengers } = useWords();
  return (
    <p class="pressed" data-testid="pressed">
      <Icon name="check" size={15} />
      {label === "" ? messengers.pressedUnnamed : messengers.pressed(label)}
    </p>
  );
}

/** Each emoji once, with how many chose it and who. */
export function Reactions({ reactions, client }: { reactions: readonly Reaction[]; client: string }) {
  const words = useWords();
  const who = new Map<string, string[]>();
  for (const { by, emoji } of reactions) {
    for (const one of emoji) who.set(one, [...(who.get(one) ?? []), by === "us" ? words.list.us : client]);
  }
  if (who.size === 0) return null;
  return (
    <ul class="reactions" aria-label={words.messengers.reactions} data-testid="reactions">
      {[...who].map(([emoji, people]) => (
        <li key={emoji} title={[...new Set(people)].join(", ")}>
          {emoji}
          {people.length > 1 && <span class="reaction-count">{people.length}</span>}
          <span class="unseen"> {[...new Set(people)].join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}

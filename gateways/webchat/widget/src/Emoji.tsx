// A small table of emoji: arrows move in it, Enter takes one, Escape closes it.

import { useLayoutEffect, useRef } from "preact/hooks";

const ALL = "😀😄😂🙂😉😍😘😎🤔😐😕😢😭😡😱🤗👍👎👌👏🙏💪🤝👋❤🔥🎉✨⭐✅❌❓🎁🌹☕🚚📦💳📞⏰";
const IN_A_ROW = 8;

export function Emoji({ label, onPick, onClose }: { label: string; onPick: (emoji: string) => void; onClose: () => void }) {
  const table = useRef<HTMLDivElement>(null);
  const move = (from: number, by: number) => {
    const button = table.current?.children[from + by];
    if (button instanceof HTMLElement) button.focus();
  };
  useLayoutEffect(() => move(0, 0), []);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -IN_A_ROW, ArrowDown: IN_A_ROW };
    const by = steps[event.key];
    if (by !== undefined) move([...(table.current?.children ?? [])].indexOf(event.target as Element), by);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="emoji" role="group" aria-label={label} ref={table} onKeyDown={onKeyDown} data-testid="emoji-table">
      {[...ALL].map((one, index) => (
        <button type="button" key={one} tabIndex={index ? -1 : 0} onClick={() => onPick(one)}>
          {one}
        </button>
      ))}
    </div>
  );
}

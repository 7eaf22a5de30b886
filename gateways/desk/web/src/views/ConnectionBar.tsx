// What is out of order, in words, while it is; nothing otherwise. The worst comes first.

import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

export function ConnectionBar() {
  const workplace = useWorkplace();
  const words = useWords();
  const said = useSaid();
  return (
    <div class={`bar ${said === null ? "" : `is-${said.tone}`}`} role="status" data-testid="connection" data-state={said?.is ?? "well"}>
      {said !== null && (
        <div class="bar-inside">
          <Icon name="warning" size={18} />
          <span data-testid="connection-words">{said.words}</span>
          <button class="button bare small" type="button" onClick={() => workplace.hurry()} data-testid="retry">
            {words.outage.retry}
          </button>
        </div>
      )}
    </div>
  );
}

interface Said {
  readonly is: "offline" | "saved" | "late";
  readonly tone: "bad" | "soso";
  readonly words: string;
}

function useSaid(): Said | null {
  const { liveState, late, pending, tried } = useWorkplace();
  const { outage } = useWords();
  const saved = pending.value.filter((reply) => reply.state === "waiting").length;
  if (saved > 0) {
    return { is: "saved", tone: "bad", words: saved === 1 ? outage.saved : outage.savedMany(saved) };
  }
  if (liveState.value !== "open" && tried.value) return { is: "offline", tone: "bad", words: outage.offline };
  return late.value ? { is: "late", tone: "soso", words: outage.late } : null;
}

// An operator in a list: a dot for the open workplace, the name in the colour of the status, and the status in words.

import type { ComponentChildren } from "preact";
import type { Colleague } from "../colleagues.ts";
import { statusName } from "../statuses.ts";
import { useApp, useWords } from "./context.ts";

export function Person({ colleague, children }: { colleague: Colleague; children?: ComponentChildren }) {
  const app = useApp();
  const words = useWords();
  const { operator, row, tone } = colleague;
  return (
    <>
      <span class={`dot ${operator.present ? "is-open" : ""}`} title={presence(operator.present, words)} />
      <span class="unseen">{presence(operator.present, words)}, </span>
      <span class={`person is-${tone}`}>{operator.name}</span>
      <span class="person-note">{children ?? (row === null ? "" : statusName(row, app.language.value))}</span>
    </>
  );
}

function presence(open: boolean, words: ReturnType<typeof useWords>): string {
  return open ? words.status.open : words.status.notOpen;
}

// Since when the client waits for an answer, counting.

import { duration } from "../times.ts";
import { eachSecond } from "./clock.ts";
import { useApp, useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";

export function Waiting({ since }: { since: string }) {
  const app = useApp();
  const words = useWords();
  const time = duration(eachSecond(app) - Date.parse(since), words.time);
  return (
    <span class="waiting" title={words.list.waiting(time)} data-testid="waiting">
      <Icon name="clock" size={14} />
      <span aria-hidden="true">{time}</span>
      <span class="unseen">{words.list.waiting(time)}</span>
    </span>
  );
}

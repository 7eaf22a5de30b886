// Above the field: until when any message goes, counting down; then that only a template does. Where the channel
// has templates of its provider, they are a press away at any time.

import { duration, shaped } from "../times.ts";
import { isShut, windowOf, type ReplyWindow } from "../window.ts";
import type { Conversation } from "../wire.ts";
import type { Words } from "../words/index.ts";
import { eachSecond } from "./clock.ts";
import { useApp, useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { useAccount, useStanding } from "./standing.ts";

interface StripParts {
  readonly conversation: Conversation;
  readonly choosing: boolean;
  choose(): void;
}

export function WindowStrip({ conversation, choosing, choose }: StripParts) {
  const app = useApp();
  const words = useWords();
  const capabilities = useAccount(conversation)?.capabilities ?? {};
  const window = capabilities.reply_window_hours == null ? null : windowOf(conversation, capabilities, eachSecond(app));
  const has = capabilities.templates === true;
  if (window === null && !has) return null;
  const said = window === null ? null : saidOf(window, words, shaped(window.until, "clock", app.language.value), has);
  return (
    <div class={`reply-window is-${window?.is ?? "open"}`} data-testid="window" data-is={window?.is ?? "none"}>
      {said !== null && <Icon name={window?.is === "open" ? "clock" : "warning"} size={16} />}
      <p data-testid="window-words" role={isShut(window) ? "status" : undefined}>
        {said}
      </p>
      {has && !choosing && (
        <button class={`button small ${isShut(window) ? "primary" : ""}`} type="button" data-testid="choose-approved" onClick={choose}>
          <Icon name="template" size={16} />
          {words.window.choose}
        </button>
      )}
    </div>
  );
}

/** Whether the channel takes only a template now; looked at each second while it has a window. */
export function useShut(conversation: Conversation): boolean {
  const app = useApp();
  const { capabilities } = useStanding(conversation);
  if (capabilities.reply_window_hours == null) return false;
  return isShut(windowOf(conversation, capabilities, eachSecond(app)));
}

function saidOf({ is, left, hours }: ReplyWindow, { window, time }: Words, clock: string, has: boolean): string {
  if (is === "over" || is === "never") {
    const why = is === "over" ? window.over(hours) : window.never;
    return has ? why : window.none;
  }
  const long = duration(left, time);
  return is === "soon" ? window.soon(clock, long) : window.open(clock, long);
}

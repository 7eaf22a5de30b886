// The channel of this conversation is not well: what is wrong, in words, while it is.

import { unstopped } from "../reasons.ts";
import { shaped } from "../times.ts";
import type { Conversation } from "../wire.ts";
import { useApp, useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { useSpoken } from "./spoken.ts";
import { healthOf, useAccount } from "./standing.ts";

export function ChannelBar({ conversation }: { conversation: Conversation }) {
  const app = useApp();
  const words = useWords();
  const account = useAccount(conversation);
  const health = healthOf(account);
  const reason = useSpoken().reason(account?.health_reason);
  const until = account?.health_until;
  return (
    <div class="channel" role="status" data-testid="channel" data-health={health}>
      {account !== null && health !== "well" && (
        <p class={`channel-inside ${health === "down" || health === "login_needed" ? "is-bad" : "is-soso"}`}>
          <Icon name="warning" size={18} />
          <span>
            {words.health[health](account.name)}
            {reason !== "" && ` ${words.health.reason(unstopped(reason))}`}
            {until != null && ` ${words.health.until(shaped(until, "clock", app.language.value))}`}
          </span>
        </p>
      )}
    </div>
  );
}

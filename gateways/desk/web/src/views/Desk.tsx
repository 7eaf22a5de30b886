// The workplace: the rail of folders, the list, the thread; on a narrow screen one of the last two at a time.

import { useApp } from "./context.ts";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { ConversationList } from "./ConversationList.tsx";
import { Dialogs } from "./Dialogs.tsx";
import { Rail } from "./Rail.tsx";
import { Thread } from "./Thread.tsx";

export function Desk() {
  const app = useApp();
  const { conversation } = app.route.value;
  return (
    <div class={`desk ${conversation === null ? "shows-list" : "shows-thread"}`} data-testid="desk">
      <ConnectionBar />
      <Rail />
      <ConversationList />
      <Thread />
      <Dialogs />
      <div class="unseen" role="log" aria-live="polite" data-testid="announcement">
        {app.announcement.value}
      </div>
    </div>
  );
}

// Folders and accounts with their counters, and under them who is signed in.

import { groupsOf } from "../directory.ts";
import { address } from "../route.ts";
import { FOLDERS, type Folder } from "../wire.ts";
import { AccountList } from "./AccountList.tsx";
import { countsOf, totalOf } from "./counts.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { Mark } from "./Mark.tsx";
import { Profile } from "./Profile.tsx";

export function Rail() {
  const words = useWords();
  const grouped = groupsOf(useWorkplace().directory.value).length > 0;
  return (
    <aside class="rail">
      <div class="rail-brand">
        <Mark size={26} />
        <span>{words.product}</span>
      </div>
      <nav class="folders" aria-label={words.folders.heading}>
        {FOLDERS.filter((folder) => folder !== "group" || grouped).map((folder) => (
          <FolderLink key={folder} folder={folder} />
        ))}
      </nav>
      <AccountList />
      <Profile />
    </aside>
  );
}

function FolderLink({ folder }: { folder: Folder }) {
  const app = useApp();
  const words = useWords();
  const { showing } = useWorkplace();
  const counter = showing.counter(folder);
  const offered = folder === "mine" ? showing.offered : 0;
  const here = app.route.value.folder === folder;
  const unread = folder === "mine" ? counter.unread + offered : 0;
  const hot = (folder === "new" && counter.total > 0) || unread > 0;
  return (
    <a
      class="folder"
      href={address(folder)}
      aria-current={here ? "page" : undefined}
      data-testid={`folder-${folder}`}
      data-total={counter.total}
      data-unread={counter.unread}
      data-waiting={counter.waiting}
      title={countsOf(counter, words)}
    >
      <Icon name={folder} />
      <span class="folder-name">{words.folders[folder]}</span>
      {counter.waiting > 0 && folder !== "closed" && <span class="folder-waiting" aria-hidden="true" />}
      <span class={`count ${hot ? "hot" : ""}`} aria-hidden="true" hidden={counter.total === 0}>
        {unread > 0 ? unread : totalOf(counter)}
      </span>
      <span class="unseen">
        {countsOf(counter, words)}
        {offered > 0 && ` · ${words.list.offeredToYou}: ${offered}`}
      </span>
    </a>
  );
}

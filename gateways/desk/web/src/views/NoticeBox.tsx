// Why something was not done, beside the place where it was asked; stays until it is dismissed or asked again.

import { failureWords, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

export function NoticeBox({ about }: { about: string }) {
  const { actions } = useWorkplace();
  const words = useWords();
  const notice = actions.notices.value.get(about);
  return (
    <div role="alert">
      {notice !== undefined && (
        <p class="notice" data-testid="notice">
          <span>
            {notice.returned && <b>{words.composer.returned} </b>}
            <span data-testid="notice-words">{failureWords(notice.failure, words)}</span>
          </span>
          <button
            class="button bare icon-only"
            type="button"
            aria-label={words.thread.dismiss}
            data-testid="dismiss"
            onClick={() => actions.dismiss(about)}
          >
            <Icon name="close" size={16} />
          </button>
        </p>
      )}
    </div>
  );
}

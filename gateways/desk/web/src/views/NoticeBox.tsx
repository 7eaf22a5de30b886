// Why something was not done, beside the place where it was asked; stays until it is dismissed or asked again.

import { failureWords, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";

interface NoticeParts {
  readonly about: string;
  /** The code of a refusal that is told elsewhere where a reply came back with it. */
  readonly but?: string;
}

export function NoticeBox({ about, but }: NoticeParts) {
  const { actions } = useWorkplace();
  const words = useWords();
  const notice = actions.notices.value.get(about);
  return (
    <div role="alert">
      {notice !== undefined && !(notice.returned && notice.failure.code === but) && (
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

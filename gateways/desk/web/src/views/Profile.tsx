// Who is signed in: their status and what is theirs to set, the page's language, the way out.

import { useRef } from "preact/hooks";
import { ABOUT_ME } from "../actions.ts";
import { rowOf, statusName, toneOf } from "../statuses.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Avatar } from "./Avatar.tsx";
import { openDialog } from "./dialogs.ts";
import { Icon } from "./Icon.tsx";
import { LanguageSwitch } from "./LanguageSwitch.tsx";
import { Menu, MenuItem } from "./Menu.tsx";
import { NoticeBox } from "./NoticeBox.tsx";

export function Profile() {
  const workplace = useWorkplace();
  const operator = workplace.operator.value;
  return (
    <section class="profile" aria-label={operator.name}>
      <NoticeBox about={ABOUT_ME} />
      <div class="profile-who">
        <Avatar name={operator.name} id={operator.operator_id} />
        <span class="profile-name" data-testid="operator-name">
          {operator.name}
        </span>
      </div>
      <Status />
      <div class="profile-foot">
        <LanguageSwitch />
        <SignOut />
      </div>
    </section>
  );
}

/** What one is doing now: chosen from the table of statuses; under it, what is one's own to set. */
function Status() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const { actions, operator } = workplace;
  const language = app.language.value;
  const rows = workplace.directory.value.statuses.state ?? [];
  const configures = workplace.me.value.rights.includes("routing.manage");
  const now = rowOf(rows, operator.value.status);
  const name = now === null ? (operator.value.status ?? "") : statusName(now, language);
  return (
    <Menu
      name="my-status"
      label={words.status.yours(name)}
      openerClass={`status-opener is-${toneOf(now)} ${actions.isBusy("status") ? "is-busy" : ""}`}
      data={{ "data-status": operator.value.status ?? "", "data-available": String(operator.value.available) }}
      opener={
        <>
          <span class="status-dot" aria-hidden="true" />
          <span class="status-name">{name}</span>
          <Icon name="up" size={16} />
        </>
      }
      items={(close) => (
        <>
          {rows.map((row) => (
            <MenuItem
              key={row.slug}
              name={`status-${row.slug}`}
              checked={row.slug === now?.slug}
              act={() => (close(), void actions.setStatus(row.slug))}
            >
              <span class={`status-choice is-${toneOf(row)}`}>
                <span class="status-dot" aria-hidden="true" />
                <span>
                  {statusName(row, language)}
                  <span class="hint">{row.takes === true ? words.status.takes : words.status.takesNot}</span>
                </span>
              </span>
            </MenuItem>
          ))}
          {rows.length === 0 && <p class="hint">{words.status.none}</p>}
          <hr />
          {OTHERS.filter((is) => is !== "statuses" || configures).map((is) => (
            <MenuItem key={is} name={`open-${is}`} act={() => (close(), openDialog(workplace, { is }))}>
              {words.status[is]}
            </MenuItem>
          ))}
        </>
      )}
    />
  );
}

const OTHERS = ["colleagues", "templates", "preferences", "statuses", "keys"] as const;

function SignOut() {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const question = useRef<HTMLDialogElement>(null);
  const unsent = workplace.pending.value.filter((reply) => reply.state !== "decided").length;
  const leave = (): void => {
    question.current?.close();
    void app.signOut(workplace);
  };
  return (
    <>
      <button
        class="button bare small"
        type="button"
        aria-label={words.me.signOut}
        title={words.me.signOut}
        data-testid="sign-out"
        onClick={() => (unsent > 0 ? question.current?.showModal() : leave())}
      >
        <Icon name="out" size={18} />
        <span class="sign-out-words">{words.me.signOut}</span>
      </button>
      <dialog class="question" ref={question} aria-label={words.me.signOut} data-testid="unsent-question">
        <p>{words.me.unsent(unsent)}</p>
        <div class="question-answers">
          <button class="button" type="button" onClick={leave}>
            {words.me.signOutAnyway}
          </button>
          <button class="button primary" type="button" onClick={() => question.current?.close()}>
            {words.me.stay}
          </button>
        </div>
      </dialog>
    </>
  );
}

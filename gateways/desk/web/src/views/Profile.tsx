// Who is signed in: availability, the page's language, the way out.

import { useRef } from "preact/hooks";
import { ABOUT_ME } from "../actions.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Avatar } from "./Avatar.tsx";
import { Icon } from "./Icon.tsx";
import { LanguageSwitch } from "./LanguageSwitch.tsx";
import { NoticeBox } from "./NoticeBox.tsx";

export function Profile() {
  const workplace = useWorkplace();
  const operator = workplace.operator.value;
  return (
    <section class="profile" aria-label={operator.name}>
      <NoticeBox about={ABOUT_ME} />
      <div class="profile-who">
        <span class={`presence ${operator.available ? "on" : ""}`}>
          <Avatar name={operator.name} id={operator.operator_id} />
        </span>
        <span class="profile-name" data-testid="operator-name">
          {operator.name}
        </span>
      </div>
      <Availability />
      <div class="profile-foot">
        <LanguageSwitch />
        <SignOut />
      </div>
    </section>
  );
}

function Availability() {
  const { operator, actions } = useWorkplace();
  const words = useWords();
  const available = operator.value.available;
  return (
    <button
      class="switch"
      type="button"
      role="switch"
      aria-checked={available}
      aria-busy={actions.busy.value.has("availability")}
      title={available ? words.me.availableHint : words.me.unavailableHint}
      data-testid="availability"
      onClick={() => void actions.setAvailable(!available)}
    >
      <span class="switch-track" aria-hidden="true" />
      <span>{words.me.available}</span>
    </button>
  );
}

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

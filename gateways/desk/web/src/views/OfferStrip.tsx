// An offer that stands: whom it is offered to may accept or decline it; who offered it may recall it.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { mayDo } from "../acts.ts";
import { type Offer, timeLeft } from "../offers.ts";
import { groupName, operatorName } from "../people.ts";
import { duration } from "../times.ts";
import type { Conversation } from "../wire.ts";
import { eachSecond } from "./clock.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { usePlace } from "./standing.ts";
import { useActs } from "./useActs.ts";

export function OfferStrip({ conversation }: { conversation: Conversation }) {
  const { offer, status } = conversation;
  const may = mayDo(usePlace(conversation));
  if (offer == null || status === "closed") return null;
  const toMe = may.has("decline");
  return (
    <section class={`offer ${toMe ? "to-me" : ""}`} data-testid="offer" data-to-me={toMe}>
      <Icon name="hand" size={18} />
      <div class="offer-words">
        <p role="status">
          <Heading offer={offer} toMe={toMe} /> <Left offer={offer} />
        </p>
        {offer.comment != null && offer.comment !== "" && (
          <p class="offer-comment" data-testid="offer-comment" dir="auto">
            {offer.comment}
          </p>
        )}
      </div>
      <Answer conversation={conversation} toMe={toMe} />
    </section>
  );
}

function Heading({ offer, toMe }: { offer: Offer; toMe: boolean }) {
  const words = useWords();
  const model = useWorkplace().directory.value;
  const by = offer.by == null ? null : operatorName(model, offer.by, words);
  const group = offer.group == null ? null : groupName(model, offer.group);
  if (!toMe) {
    return <b>{words.offer.waitsFor(group === null ? operatorName(model, offer.operator_id, words) : `“${group}”`)}</b>;
  }
  if (by === null) return <b>{group === null ? words.offer.given : words.offer.givenToGroup(group)}</b>;
  return <b>{group === null ? words.offer.toYou(by) : words.offer.toGroup(by, group)}</b>;
}

function Left({ offer }: { offer: Offer }) {
  const app = useApp();
  const words = useWords();
  if (offer.until == null) return null;
  const left = timeLeft(offer, eachSecond(app)) ?? 0;
  return (
    <span class="offer-left" aria-live="off" data-testid="offer-left">
      {left === 0 ? words.offer.over : words.offer.left(duration(left, words.time))}
    </span>
  );
}

function Answer({ conversation, toMe }: { conversation: Conversation; toMe: boolean }) {
  const words = useWords();
  const { actions } = useWorkplace();
  const acts = useActs(conversation);
  const asking = useSignal(false);
  const comment = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (asking.value) comment.current?.focus();
  }, [asking.value]);
  const accept = acts.find(({ name }) => name === "accept");
  const recall = acts.find(({ name }) => name === "recall");
  const decline = (): void => {
    const said = comment.current?.value.trim() ?? "";
    void actions.ofConversation(conversation, "decline", said === "" ? {} : { comment: said });
  };
  if (toMe && asking.value) {
    return (
      <form
        class="offer-answers"
        onSubmit={(event) => (event.preventDefault(), decline())}
        onKeyDown={(event) => {
          if (event.key === "Escape") asking.value = false;
        }}
      >
        <input
          ref={comment}
          class="offer-input"
          maxLength={1000}
          aria-label={words.offer.whyNot}
          placeholder={words.offer.whyNot}
          data-testid="decline-comment"
        />
        <button class="button" type="submit" data-testid="decline-yes">
          {words.offer.declineYes}
        </button>
        <button
          class="button bare icon-only"
          type="button"
          aria-label={words.dialog.cancel}
          data-testid="decline-no"
          onClick={() => {
            asking.value = false;
          }}
        >
          <Icon name="close" size={16} />
        </button>
      </form>
    );
  }
  return (
    <div class="offer-answers">
      {toMe && (
        <button class="button" type="button" data-testid="decline" onClick={() => (asking.value = true)}>
          {words.acts.decline}
        </button>
      )}
      {toMe && accept !== undefined && (
        <button class={`button primary ${accept.busy ? "is-busy" : ""}`} type="button" data-testid="offer-accept" onClick={accept.run}>
          {accept.words}
        </button>
      )}
      {!toMe && recall !== undefined && (
        <button class={`button ${recall.busy ? "is-busy" : ""}`} type="button" data-testid="recall" onClick={recall.run}>
          {words.offer.recall}
        </button>
      )}
    </div>
  );
}

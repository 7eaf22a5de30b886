// What a mail shows around its words: above them subject, notes and people, below them what is folded away, the
// mail as it was drawn, in a frame that can do nothing, and the whole mail to be saved.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { addressed, drawnAddress, type Mail, notesOf } from "../letters.ts";
import { fileAddress } from "../sending.ts";
import { useApp, useWords } from "./context.ts";
import { Icon } from "./Icon.tsx";

/** What the frame may do: open a link in a window of its own. No scripts, no origin, no forms, no way out. */
const SANDBOX = "allow-popups allow-popups-to-escape-sandbox";

export function LetterHead({ mail }: { mail: Mail }) {
  const { letters } = useWords();
  const notes = notesOf(mail, letters);
  return (
    <>
      {mail.fresh && (
        <p class="letter-subject" data-testid="subject" dir="auto">
          <span class="unseen">{letters.subject}: </span>
          {mail.subject}
        </p>
      )}
      {notes.length > 0 && (
        <ul class="letter-notes" aria-label={letters.notes}>
          {notes.map(({ key, text, grave }) => (
            <li key={key} class={grave ? "is-grave" : ""} data-testid="letter-note" data-note={key}>
              {grave && <Icon name="warning" size={15} />}
              {text}
            </li>
          ))}
        </ul>
      )}
      <Folded show={letters.people} hide={letters.hidePeople} name="people">
        <dl class="letter-people" data-testid="people">
          <People term={letters.subject} names={mail.subject === "" ? [] : [mail.subject]} />
          <People term={letters.from} names={mail.from === null ? [] : [addressed(mail.from)]} />
          <People term={letters.to} names={mail.to.map(addressed)} />
          <People term={letters.cc} names={mail.cc.map(addressed)} />
          <People term={letters.replyTo} names={mail.replyTo.map(addressed)} />
        </dl>
      </Folded>
    </>
  );
}

export function People({ term, names }: { term: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <>
      <dt>{term}</dt>
      <dd dir="auto">{names.join(", ")}</dd>
    </>
  );
}

export function LetterFoot({ mail, message }: { mail: Mail; message: string }) {
  const { letters } = useWords();
  return (
    <>
      {mail.quoted !== "" && (
        <Folded show={letters.quoted} hide={letters.hideQuoted} name="quoted">
          <p class="original" data-testid="letter-quoted" dir="auto">
            {mail.quoted}
          </p>
        </Folded>
      )}
      {mail.signature !== "" && (
        <Folded show={letters.signature} hide={letters.hideSignature} name="signature">
          <p class="original" data-testid="letter-signature" dir="auto">
            {mail.signature}
          </p>
        </Folded>
      )}
      {mail.html && (
        <Folded show={letters.drawn} hide={letters.hideDrawn} name="drawn">
          <Drawn mail={mail} message={message} />
        </Folded>
      )}
      <Raw mail={mail} />
    </>
  );
}

/**
 * The mail as it was drawn; what is not the mail's own is fetched when it is asked for, and not before. A thread that
 * stands at its end would stay there when the frame opens: the mail is read from its beginning.
 */
function Drawn({ mail, message }: { mail: Mail; message: string }) {
  const app = useApp();
  const { letters } = useWords();
  const remote = useSignal(false);
  return (
    <div class="letter-drawn">
      {mail.marks.includes("remote_content") && !remote.value && (
        <p class="letter-remote">
          <button
            class="button small"
            type="button"
            data-testid="remote"
            onClick={() => {
              remote.value = true;
            }}
          >
            {letters.remote}
          </button>
          <span class="hint">{letters.remoteHint}</span>
        </p>
      )}
      <iframe
        key={String(remote.value)}
        class="letter-frame"
        sandbox={SANDBOX}
        referrerpolicy="no-referrer"
        title={letters.frame(mail.subject)}
        src={drawnAddress(message, remote.value, app.language.value)}
        data-testid="letter-frame"
        onLoad={({ currentTarget }) => currentTarget.parentElement?.scrollIntoView({ block: "nearest" })}
      />
    </div>
  );
}

function Raw({ mail: { raw } }: { mail: Mail }) {
  const { letters } = useWords();
  if (raw === null) return null;
  if (raw.state !== "stored") {
    return <p class="letter-raw hint">{raw.state === "expired" ? letters.rawGone : ""}</p>;
  }
  return (
    <p class="letter-raw">
      <a class="link" href={fileAddress(raw.attachment_id)} download={raw.name} data-testid="raw">
        {letters.raw}
      </a>
    </p>
  );
}

interface Fold {
  readonly show: string;
  readonly hide: string;
  readonly name: string;
  readonly children: ComponentChildren;
}

/** Something that is there when it is asked for. */
function Folded({ show, hide, name, children }: Fold) {
  const open = useSignal(false);
  return (
    <div class="letter-fold">
      <button
        class="link"
        type="button"
        aria-expanded={open.value}
        data-testid={`show-${name}`}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {open.value ? hide : show}
      </button>
      {open.value && children}
    </div>
  );
}

// The welcome form: what the site asks of a visitor before the first message.

import type { RefObject } from "preact";
import { useRef } from "preact/hooks";

import type { Chat } from "./chat.ts";
import type { Asked } from "./frames.ts";
import type { Words } from "./words.ts";

const TYPES = { name: "text", phone: "tel", email: "email" } as const;

interface Props {
  chat: Chat;
  words: Words;
  /** What takes the focus when the panel opens. */
  field: RefObject<HTMLElement | null>;
  onDone: () => void;
}

export function Introduction({ chat, words, field, onDone }: Props) {
  const { ask = [], required = [], greeting } = chat.site ?? {};
  const form = useRef<HTMLFormElement>(null);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const given = new FormData(form.current as HTMLFormElement);
    const told = ask.map((name) => [name, String(given.get(name) ?? "").trim()]).filter(([, value]) => value);
    onDone();
    chat.introduce({ ...Object.fromEntries(told), consent: true });
  };
  return (
    <form class="introduction" ref={form} onSubmit={onSubmit} data-testid="introduction">
      <p>{greeting || words.greeting}</p>
      <h3>{words.formTitle}</h3>
      {ask.map((name: Asked, index) => {
        const needed = required.includes(name);
        return (
          <label key={name}>
            <span>
              {words[name]}
              {!needed && <small> {words.optional}</small>}
            </span>
            <input
              ref={index ? null : (field as RefObject<HTMLInputElement>)}
              name={name}
              {...({ type: TYPES[name] } as { type: "text" })}
              required={needed}
              maxLength={200}
              autocomplete={name === "phone" ? "tel" : name}
            />
          </label>
        );
      })}
      <label class="consent">
        <input name="consent" type="checkbox" required />
        <span>{words.consent}</span>
      </label>
      <button type="submit" class="main wide">
        {words.begin}
      </button>
    </form>
  );
}

// The door: login and password, and why it stays shut, in words.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Failure } from "../api.ts";
import type { Words } from "../words/index.ts";
import { useApp, useWords } from "./context.ts";
import { LanguageSwitch } from "./LanguageSwitch.tsx";
import { Mark } from "./Mark.tsx";

export function SignIn({ ended }: { ended: boolean }) {
  const words = useWords();
  const { login, password, refused, busy, submit } = useDoor();
  return (
    <main class="door">
      <form class="door-card" onSubmit={(event) => void submit(event)} data-testid="sign-in">
        <div class="door-brand">
          <Mark />
          <span>{words.product}</span>
        </div>
        <h1>{words.signIn.heading}</h1>
        <p class="door-lead">{words.signIn.lead}</p>
        {ended && refused === null && (
          <p class="door-note" role="status" data-testid="session-ended">
            {words.signIn.ended}
          </p>
        )}
        <label class="field">
          <span>{words.signIn.login}</span>
          <input
            ref={login}
            name="login"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            data-testid="login"
          />
        </label>
        <Password field={password} invalid={refused?.status === 401} />
        <p class="door-error" role="alert" data-testid="sign-in-error" hidden={refused === null}>
          {refused !== null && whyNot(refused, words)}
        </p>
        <button class="button primary wide" type="submit" aria-disabled={busy} data-testid="sign-in-submit">
          {busy ? words.signIn.busy : words.signIn.submit}
        </button>
      </form>
      <LanguageSwitch />
    </main>
  );
}

/** The two fields, and what became of trying them. */
function useDoor() {
  const app = useApp();
  const refused = useSignal<Failure | null>(null);
  const busy = useSignal(false);
  const login = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => login.current?.focus(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    refused.value = null;
    try {
      await app.signIn(login.current?.value.trim() ?? "", password.current?.value ?? "");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused.value = error;
      password.current?.select();
    } finally {
      busy.value = false;
    }
  };
  return { login, password, refused: refused.value, busy: busy.value, submit };
}

function Password({ field, invalid }: { field: { current: HTMLInputElement | null }; invalid: boolean }) {
  const words = useWords();
  const shown = useSignal(false);
  return (
    <div class="field">
      <label for="password">{words.signIn.password}</label>
      <span class="field-with-button">
        <input
          id="password"
          ref={field}
          name="password"
          {...(shown.value ? { type: "text" as const } : { type: "password" as const })}
          autocomplete="current-password"
          required
          aria-invalid={invalid}
          data-testid="password"
        />
        <button
          type="button"
          class="field-button"
          aria-pressed={shown.value}
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          {shown.value ? words.signIn.hide : words.signIn.show}
        </button>
      </span>
    </div>
  );
}

function whyNot(failure: Failure, words: Words): string {
  if (failure.kind === "unreachable") return words.signIn.unreachable;
  if (failure.words !== "") return failure.words;
  return failure.status === 401 ? words.signIn.wrong : words.signIn.unavailable;
}

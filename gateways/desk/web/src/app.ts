// The whole page: which language, who is signed in, where the reader is.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ABOUT_ME } from "./actions.ts";
import { Api, Failure } from "./api.ts";
import { othersOf, textOf } from "./contract.ts";
import type { Model } from "./model.ts";
import { groupsOf } from "./directory.ts";
import { isTo } from "./offers.ts";
import { nameOf } from "./people.ts";
import type { Route } from "./route.ts";
import type { Shelf } from "./storage.ts";
import type { Socket } from "./live.ts";
import type { Conversation, Delta, Me } from "./wire.ts";
import { kindWords, type Language, languageOf, type Words, wordsIn } from "./words/index.ts";
import { Workplace } from "./workplace.ts";

export type Session =
  | { readonly is: "checking"; readonly failure: Failure | null }
  | { readonly is: "out"; readonly ended: boolean }
  | { readonly is: "in"; readonly workplace: Workplace };

const LANGUAGE_KEY = "switchboard.language";
const CHECK_AGAIN_MS = 3000;
const DRAFTS_MS = 2000;

export class App {
  readonly api: Api = new Api();
  readonly language: Signal<Language>;
  readonly words: ReadonlySignal<Words>;
  readonly session: Signal<Session> = signal<Session>({ is: "checking", failure: null });
  readonly route: Signal<Route>;
  /** What a screen reader says next. */
  readonly announcement: Signal<string> = signal("");
  readonly #shelf: Shelf;

  constructor(shelf: Shelf, route: Signal<Route>, preferred: readonly string[]) {
    this.#shelf = shelf;
    this.route = route;
    this.language = signal(languageOf(shelf.get(LANGUAGE_KEY), preferred));
    this.words = computed(() => wordsIn(this.language.value));
    effect(() => {
      this.api.language = this.language.value;
      document.documentElement.lang = this.language.value;
    });
    effect(() => {
      document.title = this.words.value.title(this.#unread());
    });
  }

  speak(language: Language): void {
    this.#shelf.set(LANGUAGE_KEY, language);
    this.language.value = language;
  }

  /** Is there a session already? Asked until somebody answers. */
  async check(): Promise<void> {
    try {
      this.#enter(await this.api.ask<Me>("GET", "/me"));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.passing) {
        this.session.value = { is: "checking", failure: error };
        setTimeout(() => void this.check(), CHECK_AGAIN_MS);
      } else {
        this.session.value = { is: "out", ended: false };
      }
    }
  }

  /** Throws `Failure`, whose words stand in the form. */
  async signIn(login: string, password: string): Promise<void> {
    await this.api.ask("POST", "/session", { body: { login, password } });
    this.#enter(await this.api.ask<Me>("GET", "/me"));
  }

  /** Told in words where the server cannot be reached: the session would go on unseen. */
  async signOut(workplace: Workplace): Promise<void> {
    const patience = new Promise<void>((resume) => setTimeout(resume, DRAFTS_MS));
    await Promise.race([workplace.drafts.hurry(), patience]); // they go on elsewhere
    try {
      await this.api.ask("DELETE", "/session");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind !== "signed_out") {
        workplace.actions.tell(ABOUT_ME, error);
        return;
      }
    }
    workplace.stop();
    workplace.drafts.clear();
    workplace.jotted.clear();
    this.session.value = { is: "out", ended: false };
  }

  #enter(me: Me): void {
    const workplace: Workplace = new Workplace(
      {
        api: this.api,
        shelf: this.#shelf,
        open: (ticket) => openedSocket(ticket),
        signedOut: () => this.#ended(workplace),
        noticed: (delta, before) => this.#announce(workplace, delta, before),
        looking: () => this.route.peek(),
      },
      me,
    );
    this.session.value = { is: "in", workplace };
    workplace.start();
  }

  #ended(workplace: Workplace): void {
    const now = this.session.peek();
    if (now.is !== "in" || now.workplace !== workplace) return;
    workplace.stop();
    this.session.value = { is: "out", ended: true };
  }

  #unread(): number {
    const now = this.session.value;
    if (now.is !== "in") return 0;
    const { showing } = now.workplace;
    return showing.counter("mine").unread + showing.counter("new").unread + showing.offered;
  }

  /** The client's words in the conversation on the screen, and that something is offered; once. */
  #announce(workplace: Workplace, delta: Delta, before: Model): void {
    if (delta.entity === "conversation") this.#announceOffer(workplace, delta, before);
    const open = workplace.showing.now.conversations.get(this.route.peek().conversation ?? "")?.state;
    if (open == null || delta.entity !== "message") return;
    const line = workplace.showing.now.threads.get(open.dialog_id)?.lines.get(delta.id)?.line;
    if (line == null || line.direction !== "in") return;
    if (before.threads.get(open.dialog_id)?.lines.has(delta.id)) return;
    const words = this.words.peek();
    const text = textOf(line.content) || kindWords(othersOf(line.content)[0]?.kind ?? "message", words);
    this.announcement.value = words.thread.said(nameOf(open, words), text);
  }

  #announceOffer(workplace: Workplace, delta: Delta, before: Model): void {
    const state = delta.state as Conversation | null;
    const known = before.conversations.get(delta.id)?.state?.offer?.offer_id;
    if (state?.offer == null || state.offer.offer_id === known) return;
    if (!isTo(state.offer, workplace.viewer, groupsOf(before)) || state.status === "closed") return;
    const words = this.words.peek();
    this.announcement.value = words.thread.said(nameOf(state, words), words.offer.given);
  }
}

function openedSocket(ticket: string): Socket {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/api/live?ticket=${encodeURIComponent(ticket)}`);
  return socket as unknown as Socket;
}

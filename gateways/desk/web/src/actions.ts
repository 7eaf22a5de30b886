// What the operator does to a conversation, beside replying. An act keeps its id until its outcome is known,
// so pressing again after a lost connection is the same act.

import { type Signal, signal } from "@preact/signals";
import { Failure, type Method } from "./api.ts";
import { traceparent, uuid7 } from "./ids.ts";
import { pause, type Timers } from "./pauses.ts";
import type { Workplace } from "./workplace.ts";
import type { Conversation, Written } from "./wire.ts";

/** What to tell about a conversation; `returned`: a reply came back to the field. */
export interface Notice {
  readonly failure: Failure;
  readonly returned: boolean;
}

const REPEATS = 2;
/** The key of notices that are about no conversation. */
export const ABOUT_ME = "me";

export class Actions {
  readonly notices: Signal<ReadonlyMap<string, Notice>> = signal(new Map());
  readonly busy: Signal<ReadonlySet<string>> = signal(new Set());
  readonly #workplace: Workplace;
  readonly #timers: Timers;
  readonly #ids = new Map<string, string>();

  constructor(workplace: Workplace, timers: Timers) {
    this.#workplace = workplace;
    this.#timers = timers;
  }

  accept(conversation: Conversation): Promise<boolean> {
    return this.#ofConversation(conversation, "accept");
  }

  close(conversation: Conversation): Promise<boolean> {
    return this.#ofConversation(conversation, "close");
  }

  markUnread(conversation: Conversation): Promise<boolean> {
    return this.#ofConversation(conversation, "unread");
  }

  /** Quietly: nobody asked for it, so nobody is told when it does not work; the next look does it. */
  async read(conversation: Conversation, upTo: number): Promise<void> {
    const key = `read ${conversation.conversation_id}`;
    if (this.busy.peek().has(key)) return;
    await this.#act(key, null, "POST", `/conversations/${conversation.conversation_id}/read`, { up_to: upTo });
  }

  change(conversation: Conversation, message: string, text: string): Promise<boolean> {
    return this.#ofMessage(conversation, message, "edit", { text });
  }

  remove(conversation: Conversation, message: string): Promise<boolean> {
    return this.#ofMessage(conversation, message, "delete", {});
  }

  /** Worth nothing in ten seconds: asked once, and whatever comes of it is fine. */
  async typing(conversation: string, on: boolean): Promise<void> {
    const call = { body: { on }, patience: 5_000 };
    await this.#workplace.api.ask("POST", `/conversations/${conversation}/typing`, call).catch(() => undefined);
  }

  setAvailable(available: boolean): Promise<boolean> {
    return this.#act("availability", ABOUT_ME, "PUT", "/me/availability", { available });
  }

  tell(about: string, failure: Failure, returned = false): void {
    this.notices.value = new Map(this.notices.peek()).set(about, { failure, returned });
  }

  dismiss(about: string): void {
    if (!this.notices.peek().has(about)) return;
    const notices = new Map(this.notices.peek());
    notices.delete(about);
    this.notices.value = notices;
  }

  #ofConversation(conversation: Conversation, verb: string): Promise<boolean> {
    const id = conversation.conversation_id;
    return this.#act(`${verb} ${id}`, id, "POST", `/conversations/${id}/${verb}`, {});
  }

  #ofMessage(conversation: Conversation, message: string, verb: string, body: object): Promise<boolean> {
    const id = conversation.conversation_id;
    const key = `${verb} ${message} ${JSON.stringify(body)}`; // other words are another act
    return this.#act(key, id, "POST", `/conversations/${id}/messages/${message}/${verb}`, body);
  }

  /** Whether it was done (or decided, and soon to be seen). */
  async #act(key: string, about: string | null, method: Method, path: string, body: object): Promise<boolean> {
    if (this.busy.peek().has(key)) return false;
    this.#setBusy(key, true);
    if (about !== null) this.dismiss(about);
    const id = this.#ids.get(key) ?? uuid7();
    this.#ids.set(key, id);
    try {
      const call = { body: { id, ...body }, traceparent: traceparent(), patience: 40_000 };
      this.#workplace.apply(await this.#repeated(() => this.#workplace.api.ask<Written>(method, path, call)));
      this.#ids.delete(key);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!error.passing) this.#ids.delete(key);
      if (error.kind === "signed_out") this.#workplace.endSession();
      else if (about !== null) this.tell(about, error);
      return false;
    } finally {
      this.#setBusy(key, false);
    }
  }

  async #repeated<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Failure) || !error.passing || attempt >= REPEATS) throw error;
        const milliseconds = pause(attempt, this.#timers.random(), 400, 2000);
        await new Promise<void>((resume) => this.#timers.after(milliseconds, resume));
      }
    }
  }

  #setBusy(key: string, busy: boolean): void {
    const keys = new Set(this.busy.peek());
    if (busy) keys.add(key);
    else keys.delete(key);
    this.busy.value = keys;
  }
}

// What the operator does, beside replying. An act keeps its id until its outcome is known, so pressing again after
// a lost connection is the same act; other words make another act.

import { type Signal, signal } from "@preact/signals";
import { Failure, type Method } from "./api.ts";
import { traceparent, uuid7 } from "./ids.ts";
import { pause, type Timers } from "./pauses.ts";
import type { StatusRow } from "./statuses.ts";
import { isShared, type Template } from "./templates.ts";
import type { Workplace } from "./workplace.ts";
import type { FirstWords } from "./firsts.ts";
import type { Conversation, Line, Written } from "./wire.ts";

/** What to tell about a conversation. */
export interface Notice {
  readonly failure: Failure;
  /** A reply came back to the field. */
  readonly returned: boolean;
  /** The position of the last line that its author had seen. */
  readonly since: number | null;
}

/** To whom something is handed over, and why. */
export interface Handing {
  readonly operator_id?: string;
  readonly group?: string;
  readonly comment?: string;
}

/** What became of moving many: where it failed the notice says why. */
export interface MovedAway {
  readonly moved: readonly unknown[];
  readonly refused: readonly { readonly conversation_id: string; readonly title: string }[];
}

interface Asked {
  /** The act, and what it is done to: `accept <conversation>`. */
  readonly name: string;
  /** Where a failure is told; null: nowhere. */
  readonly about: string | null;
  readonly method: Method;
  readonly path: string;
  readonly body: object;
}

const REPEATS = 2;
/** The key of notices that are about no conversation. */
export const ABOUT_ME = "me";
/** The key of notices in the dialog that is open. */
export const IN_DIALOG = "dialog";

export class Actions {
  readonly notices: Signal<ReadonlyMap<string, Notice>> = signal(new Map());
  readonly #busy: Signal<ReadonlySet<string>> = signal(new Set());
  readonly #workplace: Workplace;
  readonly #timers: Timers;
  readonly #ids = new Map<string, string>();

  constructor(workplace: Workplace, timers: Timers) {
    this.#workplace = workplace;
    this.#timers = timers;
  }

  /** Whether an act of this name waits for its answer. */
  isBusy(name: string): boolean {
    return this.#busy.value.has(name);
  }

  /** Whether an act waits for its answer; reading what is before one's eyes goes on all the time. */
  get underWay(): boolean {
    return [...this.#busy.peek()].some((name) => !name.startsWith("read "));
  }

  /** One verb of the conversation's; its failure is told beside the conversation, or in the dialog that asked. */
  ofConversation(conversation: Conversation, verb: string, body: object = {}, inDialog = false): Promise<boolean> {
    const id = conversation.conversation_id;
    const path = `/conversations/${id}/${verb}`;
    return this.#done({ name: `${verb} ${id}`, about: inDialog ? IN_DIALOG : id, method: "POST", path, body });
  }

  /** Quietly: nobody asked for it, so nobody is told when it does not work; the next look does it. */
  async read(conversation: Conversation, upTo: number): Promise<void> {
    const id = conversation.conversation_id;
    const path = `/conversations/${id}/read`;
    await this.#done({ name: `read ${id}`, about: null, method: "POST", path, body: { up_to: upTo } });
  }

  change(conversation: Conversation, message: string, text: string): Promise<boolean> {
    return this.ofConversation(conversation, `messages/${message}/edit`, { text });
  }

  remove(conversation: Conversation, message: string): Promise<boolean> {
    return this.ofConversation(conversation, `messages/${message}/delete`);
  }

  removeNote(conversation: Conversation, note: string): Promise<boolean> {
    return this.ofConversation(conversation, `notes/${note}/delete`);
  }

  /** Several to one operator, without acceptance; null: it failed, and the dialog says so. */
  move(conversations: readonly string[], to: Handing): Promise<MovedAway | null> {
    const body = { conversations, ...to };
    return this.#asked({ name: "move", about: IN_DIALOG, method: "POST", path: "/conversations/move", body });
  }

  /** Worth nothing in ten seconds: asked once, and whatever comes of it is fine. */
  async typing(conversation: string, on: boolean): Promise<void> {
    const call = { body: { on }, patience: 5_000 };
    await this.#workplace.api.ask("POST", `/conversations/${conversation}/typing`, call).catch(() => undefined);
  }

  setStatus(status: string): Promise<boolean> {
    return this.#done({ name: "status", about: ABOUT_ME, method: "PUT", path: "/me/status", body: { status } });
  }

  /** The statuses that signing in and out sets; an empty word: none. */
  setPreferences(body: { readonly status_on_sign_in: string; readonly status_on_sign_out: string }): Promise<boolean> {
    return this.#done({ name: "preferences", about: IN_DIALOG, method: "PUT", path: "/me/preferences", body });
  }

  /** The whole table, by the right to set routing. */
  setStatuses(statuses: readonly StatusRow[]): Promise<boolean> {
    return this.#done({ name: "statuses", about: IN_DIALOG, method: "PUT", path: "/statuses", body: { statuses } });
  }

  /** The conversation that it begins or goes on with, empty where that cannot be read yet; null: it failed. */
  async begin(body: FirstWords): Promise<string | null> {
    const asked = { name: "begin", about: IN_DIALOG, method: "POST", path: "/conversations", body } as const;
    const written = await this.#asked<Written>(asked);
    if (written === null) return null;
    this.#workplace.apply(written);
    return (written.state as Line | null | undefined)?.conversation_id ?? "";
  }

  putTemplate(template: Template): Promise<boolean> {
    const { template_id: id, category, title, text, hotkey } = template;
    const said = { shared: isShared(template), category: category.trim(), title: title.trim(), text };
    const body = hotkey == null ? said : { ...said, hotkey };
    return this.#done({ name: "template", about: IN_DIALOG, method: "PUT", path: `/templates/${id}`, body });
  }

  deleteTemplate(id: string): Promise<boolean> {
    return this.#done({ name: "template", about: IN_DIALOG, method: "POST", path: `/templates/${id}/delete`, body: {} });
  }

  block(contact: string, until: string, reason: string): Promise<boolean> {
    const path = `/contacts/${contact}/block`;
    return this.#done({ name: "block", about: IN_DIALOG, method: "POST", path, body: { until, reason } });
  }

  unblock(contact: string): Promise<boolean> {
    const path = `/contacts/${contact}/unblock`;
    return this.#done({ name: "block", about: IN_DIALOG, method: "POST", path, body: {} });
  }

  tell(about: string, failure: Failure, more: Partial<Notice> = {}): void {
    const notice = { failure, returned: false, since: null, ...more };
    this.notices.value = new Map(this.notices.peek()).set(about, notice);
  }

  dismiss(about: string): void {
    if (!this.notices.peek().has(about)) return;
    const notices = new Map(this.notices.peek());
    notices.delete(about);
    this.notices.value = notices;
  }

  /** Whether it was done (or decided, and soon to be seen). */
  async #done(asked: Asked): Promise<boolean> {
    const written = await this.#asked<Written>(asked);
    if (written !== null) this.#workplace.apply(written);
    return written !== null;
  }

  /** The answer; null where there is none, or the act is on its way already. */
  async #asked<T>({ name, about, method, path, body }: Asked): Promise<T | null> {
    if (this.#busy.peek().has(name)) return null;
    this.#setBusy(name, true);
    if (about !== null) this.dismiss(about);
    const key = `${name} ${JSON.stringify(body)}`;
    const id = this.#ids.get(key) ?? uuid7();
    this.#ids.set(key, id);
    try {
      const call = { body: { id, ...body }, traceparent: traceparent(), patience: 40_000 };
      const answer = await this.#repeated(() => this.#workplace.api.ask<T>(method, path, call));
      this.#ids.delete(key);
      return answer;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!error.passing) this.#ids.delete(key);
      if (error.kind === "signed_out") this.#workplace.endSession();
      else if (about !== null) this.tell(about, error);
      return null;
    } finally {
      this.#setBusy(name, false);
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

  #setBusy(name: string, busy: boolean): void {
    const names = new Set(this.#busy.peek());
    if (busy) names.add(name);
    else names.delete(name);
    this.#busy.value = names;
  }
}

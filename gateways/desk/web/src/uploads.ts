// Files on their way to the desk, per conversation: refused by the account's limits before a byte leaves, else
// sent with progress, one after the other; each may be cancelled, and tried again after a failure. Kept as long
// as the page lives; a message takes those that are done with it.

import { type Signal, signal } from "@preact/signals";
import { Failure } from "./api.ts";
import { limitOf, type Limit } from "./limits.ts";
import type { Capabilities } from "./contract.ts";

/** What the desk answers to an upload. */
export interface Attachment {
  readonly attachment_id: string;
  readonly name: string;
  readonly mime_type: string;
  readonly size_bytes: number;
  readonly kind: string;
  readonly width?: number | null;
  readonly height?: number | null;
}

/** The browser's own file, or a part of one. */
export interface Picked {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

export type UploadState =
  | { readonly is: "waiting" }
  | { readonly is: "sending"; readonly share: number }
  | { readonly is: "done"; readonly attachment: Attachment }
  | { readonly is: "failed"; readonly failure: Failure }
  | { readonly is: "forbidden"; readonly limit: Limit };

export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  readonly state: UploadState;
}

export interface Sending {
  /** Rejects with a `Failure`. */
  readonly done: Promise<Attachment>;
  cancel(): void;
}

export type Send = (file: Picked, progress: (share: number) => void) => Sending;

interface Kept extends Upload {
  readonly file: Picked | null;
}

type Files = readonly Kept[];
const NONE: Files = [];

export class Uploads {
  readonly all: Signal<ReadonlyMap<string, Files>> = signal(new Map());
  readonly #send: Send;
  readonly #running = new Map<number, Sending>();
  #last = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  of(conversation: string): readonly Upload[] {
    return this.all.value.get(conversation) ?? NONE;
  }

  /** Takes files that were chosen, dropped or pasted; what the account does not take is said, not sent. */
  add(conversation: string, files: readonly Picked[], capabilities: Capabilities): void {
    const list = [...(this.all.peek().get(conversation) ?? NONE)];
    for (const file of files) {
      const taken = list.filter((upload) => upload.state.is !== "forbidden");
      const limit = limitOf(file, taken, capabilities);
      const state: UploadState = limit === null ? { is: "waiting" } : { is: "forbidden", limit };
      this.#last += 1;
      list.push({ key: this.#last, name: file.name, size: file.size, file, state });
    }
    this.#set(conversation, list);
    this.#pump(conversation);
  }

  /** Takes one away, in whatever state. */
  remove(conversation: string, key: number): void {
    this.#running.get(key)?.cancel();
    this.#running.delete(key);
    this.#set(conversation, (this.all.peek().get(conversation) ?? NONE).filter((upload) => upload.key !== key));
    this.#pump(conversation);
  }

  again(conversation: string, key: number): void {
    this.#become(conversation, key, { is: "waiting" });
    this.#pump(conversation);
  }

  /** What is done, for a message; forbidden ones go too: they have been read. */
  take(conversation: string): readonly Attachment[] {
    const done = attachmentsOf(this.all.peek().get(conversation) ?? NONE);
    this.#set(conversation, []);
    return done;
  }

  /** A message came back: its files stand before those added since. */
  giveBack(conversation: string, attachments: readonly Attachment[]): void {
    const back = attachments.map((attachment): Kept => {
      this.#last += 1;
      const { name, size_bytes: size } = attachment;
      return { key: this.#last, name, size, file: null, state: { is: "done", attachment } };
    });
    this.#set(conversation, [...back, ...(this.all.peek().get(conversation) ?? NONE)]);
  }

  stop(): void {
    for (const sending of this.#running.values()) sending.cancel();
    this.#running.clear();
    this.all.value = new Map();
  }

  #pump(conversation: string): void {
    const list = this.all.peek().get(conversation) ?? NONE;
    if (list.some((upload) => upload.state.is === "sending")) return;
    const next = list.find((upload) => upload.state.is === "waiting");
    if (next?.file == null) return;
    this.#become(conversation, next.key, { is: "sending", share: 0 });
    const sending = this.#send(next.file, (share) => {
      if (this.#running.has(next.key)) this.#become(conversation, next.key, { is: "sending", share });
    });
    this.#running.set(next.key, sending);
    void this.#outcome(conversation, next.key, sending);
  }

  async #outcome(conversation: string, key: number, sending: Sending): Promise<void> {
    let state: UploadState;
    try {
      state = { is: "done", attachment: await sending.done };
    } catch (error) {
      state = { is: "failed", failure: error instanceof Failure ? error : new Failure("unreachable") };
    }
    if (this.#running.get(key) !== sending) return; // cancelled
    this.#running.delete(key);
    this.#become(conversation, key, state);
    this.#pump(conversation);
  }

  #become(conversation: string, key: number, state: UploadState): void {
    const list = this.all.peek().get(conversation) ?? NONE;
    this.#set(conversation, list.map((upload) => (upload.key === key ? { ...upload, state } : upload)));
  }

  #set(conversation: string, list: Files): void {
    const all = new Map(this.all.peek());
    if (list.length === 0) all.delete(conversation);
    else all.set(conversation, list);
    this.all.value = all;
  }
}

export function attachmentsOf(uploads: readonly Upload[]): readonly Attachment[] {
  return uploads.flatMap(({ state }) => (state.is === "done" ? [state.attachment] : []));
}

/** Whether something is still on its way, so that a message would go without it. */
export function isUnderWay(uploads: readonly Upload[]): boolean {
  return uploads.some(({ state }) => state.is === "waiting" || state.is === "sending");
}

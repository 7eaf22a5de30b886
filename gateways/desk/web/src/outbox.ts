// Replies on their way to the desk. Each is a row of the browser's storage under an id that the page made,
// written before it is sent and removed when the desk has confirmed or refused it, so a reload, a lost
// connection or a 503 loses nothing and repeats the same id. In one conversation one is outstanding.
//
//   post()      200           confirmed: gone from here, the line of history stands
//               202           decided, not readable yet: gone from the storage, shown until its line stands
//               passing       waits and is repeated in growing pauses, at once when the connection is back
//               `expired`     as passing: the desk says that nothing was done
//               overtaken     one that had to wait, and meanwhile only the client wrote: sent anew behind those words
//               refused       gone from here; its text goes back to the field with the refusal's words

import { Failure } from "./api.ts";
import type { Filled } from "./approved.ts";
import { traceparent, uuid7 } from "./ids.ts";
import type { Heading } from "./letters.ts";
import { pause, type Timers } from "./pauses.ts";
import { MOVED_ON } from "./replying.ts";
import type { Shelf } from "./storage.ts";
import type { Attachment } from "./uploads.ts";
import type { Quoted } from "./writing.ts";

/** What goes with the words. */
export interface Beside {
  readonly attachments?: readonly Attachment[];
  readonly quote?: Quoted;
  /** Of a mail, where its author changed them; all of the copies. */
  readonly heading?: Heading;
  /** Instead of words; `text` is then what the client reads. */
  readonly template?: Filled;
  /** The failed message that this one repeats. */
  readonly resendOf?: string;
  /** Whose draft it was. */
  readonly dialog?: string;
  /** What its author had seen of the conversation. */
  readonly seen?: Seen;
}

/** The version of a dialog, and the position of its last line, when somebody saw its end. */
export interface Seen {
  readonly version: number;
  readonly position: number;
}

export interface Reply extends Beside {
  readonly id: string;
  readonly conversation: string;
  readonly text: string;
  /** Milliseconds since 1970, by this machine. */
  readonly at: number;
  readonly traceparent: string;
}

/** `sending` now; `waiting` for the connection; `decided` and soon to be seen in the history. */
export type ReplyState = "sending" | "waiting" | "decided";

export interface Pending extends Reply {
  readonly state: ReplyState;
  /** It had to wait for the connection: its author was told that it goes by itself. */
  readonly saved?: boolean;
}

/** What is to be done about a saved reply that was refused because something was written before it came. */
export type Overtaken = { readonly seen: Seen } | "give_back" | "ask_later";

export interface OutboxParts {
  /** Sends one; answers whether its line can be read already. Throws `Failure`. */
  post(reply: Reply): Promise<"confirmed" | "pending">;
  onChange(pending: readonly Pending[]): void;
  onRefused(reply: Reply, failure: Failure): void;
  /** A saved reply was refused as overtaken. */
  overtaken(reply: Reply): Promise<Overtaken>;
  signedOut(): void;
  readonly shelf: Shelf;
  readonly timers: Timers;
}

interface Lane {
  attempt: number;
  busy: boolean;
  forgetTimer: () => void;
}

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #prefix: string;
  readonly #replies = new Map<string, Pending>();
  readonly #lanes = new Map<string, Lane>();
  #stopped = false;

  constructor(parts: OutboxParts, operator: string) {
    this.#parts = parts;
    this.#prefix = `switchboard.outbox.${operator}.`;
  }

  /** Takes up what an earlier page, or another one, left behind. */
  start(): void {
    for (const key of this.#parts.shelf.keys(this.#prefix)) this.noticed(key);
  }

  stop(): void {
    this.#stopped = true;
    for (const lane of this.#lanes.values()) lane.forgetTimer();
  }

  send(conversation: string, text: string, beside: Beside = {}): Reply {
    const at = this.#parts.timers.now();
    const reply: Reply = { id: uuid7(), conversation, text, ...beside, at, traceparent: traceparent() };
    this.#parts.shelf.set(this.#prefix + reply.id, JSON.stringify(reply));
    this.#replies.set(reply.id, { ...reply, state: "sending" });
    this.#changed();
    void this.#pump(conversation);
    return reply;
  }

  /** A row of the storage appeared or went: another page of this browser wrote or confirmed it. */
  noticed(key: string): void {
    if (!key.startsWith(this.#prefix)) return;
    const id = key.slice(this.#prefix.length);
    const reply = decoded(this.#parts.shelf.get(key));
    if (reply === null) {
      this.#replies.delete(id);
    } else if (!this.#replies.has(id)) {
      this.#replies.set(id, { ...reply, state: "waiting", saved: true });
      void this.#pump(reply.conversation);
    }
    this.#changed();
  }

  /** The line with this id can be read: the desk has it. */
  confirm(id: string): void {
    const reply = this.#replies.get(id);
    if (reply !== undefined) this.#remove(reply);
  }

  /** The connection is back: nobody waits for the end of a pause. */
  hurry(): void {
    for (const [conversation, lane] of this.#lanes) {
      lane.attempt = 0;
      void this.#pump(conversation);
    }
  }

  async #pump(conversation: string): Promise<void> {
    const lane = this.#laneOf(conversation);
    if (lane.busy || this.#stopped) return;
    lane.busy = true;
    lane.forgetTimer();
    let goesOn = true;
    while (goesOn && !this.#stopped) {
      const next = this.#nextOf(conversation);
      goesOn = next !== undefined && (await this.#attempt(next, lane));
    }
    lane.busy = false;
  }

  /** Whether the lane may go on with the next one. */
  async #attempt(reply: Pending, lane: Lane): Promise<boolean> {
    this.#mark(reply.id, "sending");
    try {
      const answer = await this.#parts.post(reply);
      lane.attempt = 0;
      if (answer === "confirmed") this.#remove(reply);
      else this.#decided(reply);
      return true;
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure("unreachable");
      return this.#failed(reply, lane, failure);
    }
  }

  async #failed(reply: Pending, lane: Lane, failure: Failure): Promise<boolean> {
    const overtaken = reply.saved === true && failure.code === MOVED_ON;
    const then = overtaken ? await this.#parts.overtaken(reply) : "give_back";
    if (typeof then === "object") {
      this.#renew(reply, then.seen);
      return true;
    }
    if (failure.kind === "refused" && failure.code !== "expired" && then === "give_back") {
      if (this.#replies.has(reply.id)) this.#parts.onRefused(reply, failure);
      this.#remove(reply);
      return true;
    }
    this.#mark(reply.id, "waiting");
    if (failure.kind === "signed_out") {
      this.#parts.signedOut();
      return false;
    }
    const told = (failure.retryAfter ?? 0) * 1000;
    const milliseconds = told + pause(lane.attempt, this.#parts.timers.random(), 1000, 30_000);
    lane.attempt += 1;
    this.#later(lane, milliseconds, reply.conversation);
    return false;
  }

  /** The same words as a new act, in the same place of the order. */
  #renew(reply: Pending, seen: Seen): void {
    const { state, saved: _, ...said } = reply;
    const anew: Reply = { ...said, id: uuid7(), seen, traceparent: traceparent() };
    this.#parts.shelf.set(this.#prefix + anew.id, JSON.stringify(anew));
    this.#replies.set(anew.id, { ...anew, state, saved: true });
    this.#remove(reply);
  }

  /** It is safe elsewhere; its line comes as a delta, or with the history when that is read. */
  #decided(reply: Pending): void {
    this.#parts.shelf.remove(this.#prefix + reply.id);
    this.#mark(reply.id, "decided");
  }

  #later(lane: Lane, milliseconds: number, conversation: string): void {
    lane.forgetTimer = this.#parts.timers.after(milliseconds, () => void this.#pump(conversation));
  }

  #nextOf(conversation: string): Pending | undefined {
    const ready = [...this.#replies.values()].filter(
      (reply) => reply.conversation === conversation && reply.state !== "decided",
    );
    return ready.sort(inOrder)[0];
  }

  #laneOf(conversation: string): Lane {
    let lane = this.#lanes.get(conversation);
    if (lane === undefined) {
      lane = { attempt: 0, busy: false, forgetTimer: () => undefined };
      this.#lanes.set(conversation, lane);
    }
    return lane;
  }

  #mark(id: string, state: ReplyState): void {
    const reply = this.#replies.get(id);
    if (reply === undefined || reply.state === state) return;
    this.#replies.set(id, { ...reply, state, saved: reply.saved === true || state === "waiting" });
    this.#changed();
  }

  #remove(reply: Reply): void {
    this.#parts.shelf.remove(this.#prefix + reply.id);
    if (this.#replies.delete(reply.id)) this.#changed();
  }

  #changed(): void {
    const pending = [...this.#replies.values()].sort(inOrder);
    this.#parts.onChange(pending);
  }
}

function inOrder(one: Reply, other: Reply): number {
  return one.at - other.at || (one.id < other.id ? -1 : 1);
}

function decoded(row: string | null): Reply | null {
  if (row === null) return null;
  try {
    const reply = JSON.parse(row) as Reply;
    return typeof reply.id === "string" && typeof reply.text === "string" ? reply : null;
  } catch {
    return null;
  }
}

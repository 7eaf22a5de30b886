// An operator's workplace while signed in: the model in a signal, and the four that change it — the live
// connection, readings of the archive, the outbox, and the acts in actions.ts.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Actions } from "./actions.ts";
import type { Api, Failure } from "./api.ts";
import { Archive } from "./archive.ts";
import { Clients } from "./clients.ts";
import { Drafts } from "./drafts.ts";
import { traceparent } from "./ids.ts";
import { Live, type LiveState, type Mark, type Socket } from "./live.ts";
import * as models from "./model.ts";
import type { Model } from "./model.ts";
import { Outbox, type Pending, type Reply, type Seen } from "./outbox.ts";
import { Explanations } from "./explanations.ts";
import { realTimers, type Timers } from "./pauses.ts";
import { Readings } from "./readings.ts";
import { bodyOf, MOVED_ON, overtaken } from "./replying.ts";
import { sentFile } from "./sending.ts";
import { isStale, withAwaited } from "./thread.ts";
import type { Shelf } from "./storage.ts";
import { Heard, Told } from "./typing.ts";
import { Uploads } from "./uploads.ts";
import { type Conversation, type Delta, type Folder, FOLDERS, type Frame, type Line, type Me } from "./wire.ts";
import type { Operator, Written } from "./wire.ts";
import { Writing } from "./writing.ts";
import { deltaOf } from "./written.ts";

export interface WorkplaceParts {
  readonly api: Api;
  readonly shelf: Shelf;
  open(ticket: string): Socket;
  signedOut(): void;
  /** A delta was applied; `before` is the model without it. */
  noticed(delta: Delta, before: Model): void;
  readonly timers?: Timers;
}

export class Workplace {
  readonly me: Signal<Me>;
  readonly model: Signal<Model>;
  readonly liveState: Signal<LiveState> = signal<LiveState>("waiting");
  /** The first attempt at a live connection has ended, either way: from then on its absence is told. */
  readonly tried: Signal<boolean> = signal(false);
  readonly storeLate: Signal<boolean> = signal(false);
  readonly pending: Signal<readonly Pending[]> = signal<readonly Pending[]>([]);
  readonly readings: Readings;
  readonly drafts: Drafts;
  /** Of notes: they stay in this browser. */
  readonly jotted: Drafts;
  readonly explanations: Explanations;
  /** By conversation: its end as the reader saw it last. */
  readonly seen: Map<string, Seen> = new Map();
  readonly actions: Actions;
  readonly clients: Clients;
  readonly writing: Writing = new Writing();
  readonly uploads: Uploads;
  readonly heard: Heard;
  readonly told: Told;
  readonly outbox: Outbox;
  readonly late: ReadonlySignal<boolean>;
  readonly operator: ReadonlySignal<Operator>;
  readonly api: Api;
  readonly archive: Archive;
  readonly live: Live;
  readonly #parts: WorkplaceParts;

  constructor(parts: WorkplaceParts, me: Me) {
    const timers = parts.timers ?? realTimers;
    this.#parts = parts;
    this.api = parts.api;
    this.me = signal(me);
    this.archive = new Archive(parts.api);
    this.model = signal(beginning(me));
    this.operator = computed(() => this.model.value.operators.get(this.viewer)?.state ?? this.me.value.operator);
    this.readings = new Readings(timers, parts.signedOut);
    this.late = computed(() => this.storeLate.value || [...this.readings.states.value.values()].includes("late"));
    const away = { timers, keep: (dialog: string, text: string) => this.archive.keepDraft(dialog, text) };
    this.drafts = new Drafts(parts.shelf, `switchboard.draft.${this.viewer}`, away);
    this.jotted = new Drafts(parts.shelf, `switchboard.note.${this.viewer}`, null);
    this.explanations = new Explanations(this.archive);
    this.clients = new Clients(this.archive, this.readings);
    this.actions = new Actions(this, timers);
    this.uploads = new Uploads((file, progress) => sentFile(parts.api, file as File, progress));
    this.heard = new Heard(timers);
    this.told = new Told((conversation, on) => void this.actions.typing(conversation, on), timers);
    this.outbox = new Outbox(
      {
        shelf: parts.shelf,
        timers,
        post: (reply) => this.#post(reply),
        onChange: (pending) => {
          this.pending.value = pending;
        },
        onRefused: (reply, failure) => this.#returned(reply, failure),
        overtaken: (reply) => overtaken(this.archive, reply, this.viewer),
        signedOut: parts.signedOut,
      },
      this.viewer,
    );
    this.live = new Live(this.#liveParts(timers), { seq: me.seq, access: me.access });
  }

  get viewer(): string {
    return this.me.peek().operator.operator_id;
  }

  start(): void {
    this.readings.start("surroundings", async () => {
      const surroundings = await this.archive.surroundings();
      this.model.value = models.withSurroundings(this.model.peek(), surroundings);
    });
    this.readDrafts();
    this.readList("mine"); // what is offered to one is told wherever one is
    this.outbox.start();
    this.live.start();
  }

  /** What another device wrote meanwhile. */
  readDrafts(): void {
    this.readings.start("drafts", async () => this.drafts.merge(await this.archive.drafts()));
  }

  stop(): void {
    this.told.stops();
    this.drafts.stop();
    this.uploads.stop();
    this.live.stop();
    this.outbox.stop();
    this.readings.stop();
  }

  endSession(): void {
    this.#parts.signedOut();
  }

  /** The network is back, or the reader asked: nobody waits for a pause to end. */
  hurry(): void {
    this.live.hurry();
    this.outbox.hurry();
    this.readings.hurry();
    void this.drafts.hurry();
  }

  /** The first page of a folder, or the next one. */
  readList(folder: Folder, more = false): void {
    const window = this.model.peek().windows[folder];
    if (more ? window.next === null : window.read) return;
    this.readings.start(`list ${folder}`, async () => {
      const after = more ? this.model.peek().windows[folder].next : null;
      const page = await this.archive.list(folder, after);
      this.model.value = models.withPage(this.model.peek(), folder, page, more);
    });
  }

  readConversation(id: string): void {
    if (this.model.peek().conversations.has(id)) return;
    this.readings.start(`conversation ${id}`, async () => {
      const before = this.live.seq; // read after this, so it may not overwrite what comes from now on
      const state = await this.archive.conversation(id);
      this.model.value = models.withConversation(this.model.peek(), id, state, before);
    });
  }

  /** The newest lines of its dialog, where they are unknown or stale; with `older`, the page before. */
  readHistory(conversation: Conversation, older = false): void {
    const dialog = conversation.dialog_id;
    const before = this.model.peek();
    const thread = before.threads.get(dialog);
    if (older ? thread === undefined || isStale(thread) || thread.complete : !isStale(thread)) return;
    this.model.value = { ...before, threads: withAwaited(before.threads, dialog) };
    this.readings.start(`history ${dialog}`, async () => {
      const from = older ? this.model.peek().threads.get(dialog)?.from : undefined;
      const page = await this.archive.history(conversation.conversation_id, from ?? null);
      this.model.value = models.withHistory(this.model.peek(), dialog, page, older);
      this.#confirmSeen();
    });
  }

  /** What changed meanwhile, where the live connection has not told it yet. */
  readAgain(id: string): void {
    this.readings.start(`again ${id}`, async () => {
      const page = await this.archive.history(id, null);
      const state = await this.archive.conversation(id); // read after the page, so at its `seq` or later
      const changed = models.withConversation(this.model.peek(), id, state, page.seq);
      this.model.value = models.withHistory(changed, state.dialog_id, page, false);
    });
  }

  apply(written: Written): void {
    const delta = deltaOf(written);
    if (delta !== null) this.model.value = models.withDelta(this.model.peek(), delta);
  }

  async #post(reply: Reply): Promise<"confirmed" | "pending"> {
    const written = await this.api.ask<Written>("POST", `/conversations/${reply.conversation}/messages`, {
      body: bodyOf(reply),
      traceparent: reply.traceparent,
      patience: 45_000,
    });
    this.apply(written);
    return written.pending ? "pending" : "confirmed";
  }

  #returned(reply: Reply, failure: Failure): void {
    const { conversation, quote, resendOf, seen } = reply;
    if (resendOf === undefined) {
      this.drafts.giveBack(reply.dialog ?? conversation, reply.text);
      this.uploads.giveBack(conversation, reply.attachments ?? []);
      if (quote !== undefined && !this.writing.quotes.peek().has(conversation)) this.writing.quote(conversation, quote);
    }
    if (failure.code === MOVED_ON) this.readAgain(conversation);
    this.actions.tell(conversation, failure, { returned: resendOf === undefined, since: seen?.position ?? null });
  }

  #liveParts(timers: Timers): ConstructorParameters<typeof Live>[0] {
    return {
      timers,
      open: (ticket) => this.#parts.open(ticket),
      ticket: async () => {
        const call = { traceparent: traceparent() };
        return (await this.api.ask<{ ticket: string }>("POST", "/ticket", call)).ticket;
      },
      onFrame: (frame) => this.#framed(frame),
      onState: (state) => {
        this.liveState.value = state;
        if (state !== "opening") this.tried.value = true;
        if (state !== "open") return;
        this.storeLate.value = false; // said again if it is
        this.hurry();
      },
      snapshot: () => this.#snapshot(),
      signedOut: this.#parts.signedOut,
    };
  }

  #framed(frame: Frame): void {
    const before = this.model.peek();
    if (frame.t === "delta") {
      this.model.value = models.withDelta(before, frame);
      this.#confirmSeen();
      this.#written(frame, before);
      this.#parts.noticed(frame, before);
    } else if (frame.t === "counters") {
      this.model.value = models.withCounters(before, frame);
    } else if (frame.t === "typing") {
      this.heard.take(frame);
    } else if (frame.t === "late") {
      this.storeLate.value = frame.late;
      if (!frame.late) this.hurry(); // the broker was away, or the archive: whatever waits for either may go on
    }
  }

  /** A message that is new ends its author's typing. */
  #written(delta: Delta, before: Model): void {
    if (delta.entity !== "message" || delta.state === null) return;
    const { dialog_id: dialog, direction } = delta.state as Line;
    if (before.threads.get(dialog)?.lines.has(delta.id)) return;
    const writer = this.heard.writers.peek().get(dialog);
    if (writer !== undefined && writer.by === (direction === "in" ? "client" : "operator")) this.heard.over(dialog);
  }

  /** Replies whose lines stand in the history are no longer pending. */
  #confirmSeen(): void {
    const pending = this.pending.peek();
    if (pending.length === 0) return;
    const { threads, conversations } = this.model.peek();
    for (const reply of pending) {
      const dialog = conversations.get(reply.conversation)?.state?.dialog_id ?? "";
      if (threads.get(dialog)?.lines.has(reply.id)) this.outbox.confirm(reply.id);
    }
  }

  /** Everything on the screen, read anew; until it is whole, what was there stays. */
  async #snapshot(): Promise<Mark> {
    const me = await this.archive.me(); // first: its `seq` and `access` are those to resume from
    const { windows } = this.model.peek();
    const read = FOLDERS.filter((folder) => windows[folder].read);
    const [surroundings, ...pages] = await Promise.all([
      this.archive.surroundings(),
      ...read.map((folder) => this.archive.list(folder, null)),
    ]);
    let fresh = models.withSurroundings(beginning(me), surroundings);
    read.forEach((folder, index) => {
      fresh = models.withPage(fresh, folder, pages[index]!, false);
    });
    this.me.value = me;
    this.model.value = fresh;
    return { seq: me.seq, access: me.access };
  }
}

function beginning(me: Me): Model {
  return models.withOperators(models.emptyModel(me.operator.operator_id), [me.operator], me.seq);
}

// An operator's workplace while signed in: the model in a signal, and the four that change it — the live
// connection, readings of the archive, the outbox, and the acts in actions.ts.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Actions } from "./actions.ts";
import type { Api, Failure } from "./api.ts";
import { Archive } from "./archive.ts";
import { Clients } from "./clients.ts";
import type { Directory } from "./directory.ts";
import { Drafts } from "./drafts.ts";
import { traceparent } from "./ids.ts";
import { Listing, type Looking } from "./listing.ts";
import { wide } from "./lists.ts";
import { Live, type LiveState, type Mark, type Socket } from "./live.ts";
import * as models from "./model.ts";
import { Outbox, type Pending, type Reply, type Seen } from "./outbox.ts";
import { Explanations } from "./explanations.ts";
import { realTimers, type Timers } from "./pauses.ts";
import { Readings } from "./readings.ts";
import { bodyOf, MOVED_ON, overtaken } from "./replying.ts";
import { sentFile } from "./sending.ts";
import { Showing } from "./showing.ts";
import { isStale, withAwaited } from "./thread.ts";
import { type Shelf, Switch } from "./storage.ts";
import { Heard, Told } from "./typing.ts";
import { Uploads } from "./uploads.ts";
import { type Conversation, type Delta, FOLDERS, type Frame, type Line, type Me } from "./wire.ts";
import type { Operator, Written } from "./wire.ts";
import { Writing } from "./writing.ts";
import { deltaOf } from "./written.ts";

export interface WorkplaceParts {
  readonly api: Api;
  readonly shelf: Shelf;
  open(ticket: string): Socket;
  signedOut(): void;
  /** A delta was applied; `before` is the model without it. */
  noticed(delta: Delta, before: models.Model): void;
  /** What is before the reader's eyes now. */
  looking(): Looking;
  readonly timers?: Timers;
}

export class Workplace {
  readonly me: Signal<Me>;
  readonly showing: Showing;
  readonly model: ReadonlySignal<models.Model>;
  readonly directory: ReadonlySignal<Directory>;
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
  /** Whether templates are suggested while one writes. */
  readonly suggests: Switch;
  readonly late: ReadonlySignal<boolean>;
  readonly operator: ReadonlySignal<Operator>;
  readonly api: Api;
  readonly archive: Archive;
  readonly lists: Listing;
  readonly live: Live;
  readonly #parts: WorkplaceParts;

  constructor(parts: WorkplaceParts, me: Me) {
    const timers = parts.timers ?? realTimers;
    this.#parts = parts;
    this.api = parts.api;
    this.me = signal(me);
    this.archive = new Archive(parts.api);
    this.showing = new Showing(beginning(me), timers, FOLDERS);
    this.model = this.showing.model;
    this.directory = this.showing.directory;
    this.operator = computed(() => this.directory.value.operators.get(this.viewer)?.state ?? this.me.value.operator);
    this.readings = new Readings(timers, parts.signedOut);
    this.lists = new Listing(this.archive, this.readings, this.showing);
    this.late = computed(() => this.storeLate.value || [...this.readings.states.value.values()].includes("late"));
    const away = { timers, keep: (dialog: string, text: string) => this.archive.keepDraft(dialog, text) };
    this.drafts = new Drafts(parts.shelf, `switchboard.draft.${this.viewer}`, away);
    this.jotted = new Drafts(parts.shelf, `switchboard.note.${this.viewer}`, null);
    this.suggests = new Switch(parts.shelf, `switchboard.suggest.${this.viewer}`);
    this.explanations = new Explanations(this.archive);
    this.clients = new Clients(this.archive, this.readings, timers);
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
      this.showing.now = models.withSurroundings(this.showing.now, surroundings);
    });
    this.readDrafts();
    this.lists.read(wide("mine")); // what is offered to one is told wherever one is
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

  readConversation(id: string): void {
    if (this.showing.now.conversations.has(id)) return;
    this.readings.start(`conversation ${id}`, async () => {
      const before = this.live.seq; // read after this, so it may not overwrite what comes from now on
      const state = await this.archive.conversation(id);
      this.showing.now = models.withConversation(this.showing.now, id, state, before);
    });
  }

  /** The newest lines of its dialog, where they are unknown or stale; with `older`, the page before. */
  readHistory(conversation: Conversation, older = false): void {
    const dialog = conversation.dialog_id;
    const before = this.showing.now;
    const thread = before.threads.get(dialog);
    if (older ? thread === undefined || isStale(thread) || thread.complete : !isStale(thread)) return;
    this.showing.now = { ...before, threads: withAwaited(before.threads, dialog) };
    this.readings.start(`history ${dialog}`, async () => {
      const from = older ? this.showing.now.threads.get(dialog)?.from : undefined;
      const page = await this.archive.history(conversation.conversation_id, from ?? null);
      this.showing.now = models.withHistory(this.showing.now, dialog, page, older);
      this.#confirmSeen();
    });
  }

  /** What changed meanwhile, where the live connection has not told it yet. */
  readAgain(id: string): void {
    this.readings.start(`again ${id}`, async () => {
      const page = await this.archive.history(id, null);
      const state = await this.archive.conversation(id); // read after the page, so at its `seq` or later
      const changed = models.withConversation(this.showing.now, id, state, page.seq);
      this.showing.now = models.withHistory(changed, state.dialog_id, page, false);
    });
  }

  apply(written: Written): void {
    const delta = deltaOf(written);
    if (delta !== null) this.showing.now = models.withDelta(this.showing.now, delta);
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
    const { conversation, resendOf, seen } = reply;
    if (resendOf === undefined) {
      if (reply.template === undefined) this.drafts.giveBack(reply.dialog ?? conversation, reply.text);
      this.uploads.giveBack(conversation, reply.attachments ?? []);
      this.writing.giveBack(conversation, reply);
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
    const before = this.showing.now;
    if (frame.t === "delta") {
      this.showing.follow(models.withDelta(before, frame));
      this.#confirmSeen();
      this.#written(frame, before);
      this.clients.told(frame);
      this.#parts.noticed(frame, before);
      this.lists.told(this.#parts.looking(), this.actions.underWay || this.pending.peek().length > 0);
    } else if (frame.t === "counters") {
      this.showing.follow(models.withCounters(before, frame));
    } else if (frame.t === "typing") {
      this.heard.take(frame);
    } else if (frame.t === "late") {
      this.storeLate.value = frame.late;
      if (!frame.late) this.hurry(); // the broker was away, or the archive: whatever waits for either may go on
    }
  }

  /** A message that is new ends its author's typing. */
  #written(delta: Delta, before: models.Model): void {
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
    const { threads, conversations } = this.showing.now;
    for (const reply of pending) {
      const dialog = conversations.get(reply.conversation)?.state?.dialog_id ?? "";
      if (threads.get(dialog)?.lines.has(reply.id)) this.outbox.confirm(reply.id);
    }
  }

  /** Everything on the screen, read anew; until it is whole, what was there stays. */
  async #snapshot(): Promise<Mark> {
    const me = await this.archive.me(); // first: its `seq` and `access` are those to resume from
    const { windows } = this.showing.now;
    const read = FOLDERS.filter((folder) => windows[folder].read);
    const [surroundings, ...pages] = await Promise.all([
      this.archive.surroundings(),
      ...read.map((folder) => this.archive.list(wide(folder), null)),
    ]);
    let fresh = models.withSurroundings(beginning(me), surroundings);
    read.forEach((folder, index) => {
      fresh = models.withPage(fresh, folder, pages[index]!, false);
    });
    this.me.value = me;
    this.showing.now = fresh;
    return { seq: me.seq, access: me.access };
  }
}

function beginning(me: Me): models.Model {
  return models.withOperators(models.emptyModel(me.operator.operator_id), [me.operator], me.seq);
}

// The live connection: a ticket, a WebSocket, `resume` from the last `seq` that was applied; again after
// every loss, in growing pauses. Frames are handed over in order; whoever takes them owns the model.
//
//   waiting ──pause over, network back──▶ opening ──hello──▶ open ──closed, silent, bye──▶ waiting
//                                            └──ticket refused: signed out──▶ stopped

import type { Failure } from "./api.ts";
import { pause, type Timers } from "./pauses.ts";
import type { Frame } from "./wire.ts";

export type LiveState = "waiting" | "opening" | "open" | "stopped";

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LiveParts {
  ticket(): Promise<string>;
  open(ticket: string): Socket;
  readonly timers: Timers;
  /** A delta or counters; must be applied before it returns. */
  onFrame(frame: Frame): void;
  onState(state: LiveState): void;
  /** Reads everything anew; answers where to resume from. Rejects where that is not possible now. */
  snapshot(): Promise<Mark>;
  signedOut(): void;
}

/** Where the model stands: every frame up to `seq` is in it, read with the rights that `access` names. */
export interface Mark {
  readonly seq: number;
  readonly access: string;
}

const PING_MS = 8_000;
const SILENCE_MS = 20_000;
const OPENING_MS = 15_000;
const STEADY_MS = 10_000;

export class Live {
  readonly #parts: LiveParts;
  #mark: Mark;
  #socket: Socket | null = null;
  #attempt = 0;
  #stopped = false;
  #state: LiveState = "waiting";
  #forgetTimer: () => void = () => undefined;
  #forgetPing: () => void = () => undefined;
  #heardAt = 0;

  constructor(parts: LiveParts, mark: Mark) {
    this.#parts = parts;
    this.#mark = mark;
  }

  get seq(): number {
    return this.#mark.seq;
  }

  start(): void {
    void this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#drop();
    this.#become("stopped");
  }

  /** The network is back, or somebody asked: do not wait for the pause to end. */
  hurry(): void {
    if (this.#state !== "waiting" || this.#stopped) return;
    this.#forgetTimer();
    void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#become("opening");
    let ticket: string;
    try {
      ticket = await this.#parts.ticket();
    } catch (failure) {
      this.#ticketFailed(failure as Failure);
      return;
    }
    if (this.#stopped) return;
    const socket = this.#parts.open(ticket);
    this.#socket = socket;
    const of = (act: () => void) => () => {
      if (this.#socket === socket) act();
    };
    this.#forgetTimer = this.#parts.timers.after(OPENING_MS, of(() => this.#lost()));
    socket.onopen = of(() => this.#resume());
    socket.onclose = of(() => this.#lost());
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#heard(String(event.data));
    };
  }

  #ticketFailed(failure: Failure): void {
    if (this.#stopped) return;
    if (failure.kind === "signed_out") {
      this.stop();
      this.#parts.signedOut();
    } else {
      this.#lost(failure.retryAfter);
    }
  }

  #resume(): void {
    this.#say({ t: "resume", seq: this.#mark.seq, access: this.#mark.access });
  }

  #heard(text: string): void {
    this.#heardAt = this.#parts.timers.now();
    const frame = JSON.parse(text) as Frame;
    switch (frame.t) {
      case "hello":
        this.#opened();
        break;
      case "delta":
        this.#parts.onFrame(frame);
        this.#mark = { ...this.#mark, seq: frame.seq };
        return;
      case "head":
        this.#mark = { ...this.#mark, seq: Math.max(this.#mark.seq, frame.seq) };
        return;
      case "resync":
        void this.#again();
        return;
      case "bye":
        this.#bye(frame.reason, frame.retry_after ?? null);
        return;
    }
    this.#parts.onFrame(frame);
  }

  #opened(): void {
    this.#forgetTimer();
    this.#forgetTimer = this.#parts.timers.after(STEADY_MS, () => {
      this.#attempt = 0;
    });
    this.#become("open");
    this.#watch();
  }

  /** Pings, and gives the connection up when nothing came back. */
  #watch(): void {
    this.#forgetPing();
    this.#forgetPing = this.#parts.timers.after(PING_MS, () => {
      if (this.#parts.timers.now() - this.#heardAt > SILENCE_MS) {
        this.#lost();
        return;
      }
      this.#say({ t: "ping" });
      this.#watch();
    });
  }

  /** The server cannot go on from where we are. The socket stays; the model is read anew. */
  async #again(): Promise<void> {
    const socket = this.#socket;
    try {
      this.#mark = await this.#parts.snapshot();
    } catch {
      if (this.#socket === socket) this.#lost();
      return;
    }
    if (this.#socket === socket) this.#resume();
  }

  #bye(reason: string, retryAfter: number | null): void {
    if (reason === "session") {
      this.stop();
      this.#parts.signedOut();
    } else {
      this.#lost(retryAfter);
    }
  }

  #lost(retryAfter: number | null = null): void {
    if (this.#stopped) return;
    this.#drop();
    const { timers } = this.#parts;
    const told = retryAfter === null ? 0 : retryAfter * 1000;
    const milliseconds = told + pause(this.#attempt, timers.random());
    this.#attempt += 1;
    this.#become("waiting");
    this.#forgetTimer = timers.after(milliseconds, () => void this.#connect());
  }

  #drop(): void {
    this.#forgetTimer();
    this.#forgetPing();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #say(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #become(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#parts.onState(state);
  }
}

// The connection to the gateway: opened again and again with growing, jittered pauses, or when the gateway said.
// It knows frames, not meaning; a socket that does not answer a ping is given up.

import { type Frame, read } from "./frames.ts";

const PING_MS = 25_000;
const ANSWER_MS = 10_000;
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 500;

export type LinkState = "connecting" | "online" | "waiting" | "stopped";

export interface Ears {
  /** The first frame of each connection. */
  hello(): object;
  heard(frame: Frame): void;
  changed(state: LinkState): void;
}

export class Link {
  state: LinkState = "connecting";
  private socket: WebSocket | null = null;
  private failures = 0;
  private pauseMs: number | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  private readonly url: string;
  private readonly ears: Ears;

  constructor(url: string, ears: Ears) {
    this.url = url;
    this.ears = ears;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
  }

  open(): void {
    clearTimeout(this.again);
    this.become("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.expectAnswer();
    socket.onopen = () => {
      if (socket === this.socket) this.send(this.ears.hello());
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.take(read(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  /** Whether it was written; nothing is queued here. */
  send(frame: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The gateway will not have us: no more attempts. */
  stop(): void {
    this.become("stopped");
    this.drop();
  }

  /** A half-open connection is as good as none: expect something within seconds, or begin again. */
  expectAnswer(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.drop(), ANSWER_MS);
  }

  /** Opens now instead of after the pause. */
  hurry(): void {
    if (this.state === "waiting") this.open();
  }

  /** Gives the connection up and begins again. */
  drop(): void {
    const socket = this.socket;
    if (socket === null) return;
    this.socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.lost();
  }

  /** The next attempt comes after so many seconds. */
  pauseFor(seconds: number): void {
    this.pauseMs = seconds * 1000;
  }

  private take(frame: Frame | undefined): void {
    clearTimeout(this.silence);
    if (frame === undefined) return;
    if (frame.t === "welcome") {
      this.failures = 0;
      this.pauseMs = null;
      clearInterval(this.pinging);
      this.pinging = setInterval(() => {
        if (this.send({ t: "ping" })) this.expectAnswer();
      }, PING_MS);
      this.become("online");
    }
    this.ears.heard(frame);
  }

  private lost(): void {
    clearTimeout(this.silence);
    clearInterval(this.pinging);
    this.socket = null;
    if (this.state === "stopped") return;
    const highest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures);
    const pause = this.pauseMs ?? highest * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.pauseMs = null;
    this.become("waiting");
    clearTimeout(this.again);
    this.again = setTimeout(() => this.open(), pause);
  }

  private become(state: LinkState): void {
    if (state !== this.state) {
      this.state = state;
      this.ears.changed(state);
    }
  }
}

// The connection to the gateway: opened again and again with growing, jittered pauses, or when the gateway said.
// It knows frames, not meaning; a connection that does not answer a ping is given up.
// After two sockets in a row that brought no welcome every other attempt goes by requests, and stays with them if
// they do; after five minutes of those a socket is tried again.

import type { Frame } from "./frames.ts";
import { poll } from "./poll.ts";
import { socket, type Wire } from "./wire.ts";

const PING_MS = 25_000;
const ANSWER_MS = 10_000;
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 500;
const BLOCKED_AFTER = 2;
const POLLING_MS = 5 * 60_000;

export type LinkState = "connecting" | "online" | "waiting" | "stopped";

export interface Ears {
  /** The first frame of each connection. */
  hello(): object;
  heard(frame: Frame): void;
  changed(state: LinkState): void;
}

export interface Addresses {
  socket: string;
  poll: string;
}

export class Link {
  state: LinkState = "connecting";
  private wire: Wire | null = null;
  private failures = 0;
  /** Attempts in a row without a welcome while the browser is online, of sockets, and of requests after them. */
  private blocked = 0;
  private pauseMs: number | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private polling: ReturnType<typeof setTimeout> | undefined;

  private readonly addresses: Addresses;
  private readonly ears: Ears;

  constructor(addresses: Addresses, ears: Ears, signal: AbortSignal) {
    this.addresses = addresses;
    this.ears = ears;
    addEventListener("online", () => this.hurry(), { signal });
    addEventListener("offline", () => this.drop(), { signal });
    const seen = () => document.visibilityState === "visible" && this.hurry();
    document.addEventListener("visibilitychange", seen, { signal });
    signal.addEventListener("abort", () => this.stop());
  }

  open(): void {
    clearTimeout(this.again);
    this.become("connecting");
    const { socket: address, poll: otherwise } = this.addresses;
    const requests = byRequests(this.blocked);
    const wire: Wire = (requests ? poll : socket)(requests ? otherwise : address, {
      opened: () => wire === this.wire && this.send(this.ears.hello()),
      heard: (frame) => wire === this.wire && this.take(frame, requests),
      closed: () => wire === this.wire && this.lost(),
    });
    this.wire = wire;
    this.expectAnswer();
  }

  /** Whether it was written; nothing is queued here. */
  send(frame: object): boolean {
    return !!this.wire?.send(frame);
  }

  /** The gateway will not have us: no more attempts. */
  stop(): void {
    clearTimeout(this.again);
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
    if (this.wire === null) return;
    this.wire.close();
    this.lost();
  }

  /** A new hello, at once. */
  renew(): void {
    if (this.wire === null) return;
    this.wire.close();
    this.quiet();
    this.open();
  }

  /** The next attempt comes after so many seconds. */
  pauseFor(seconds: number): void {
    this.pauseMs = seconds * 1000;
  }

  private take(frame: Frame | undefined, requests: boolean): void {
    clearTimeout(this.silence);
    if (frame === undefined) return;
    if (frame.t === "welcome") this.welcomed(requests);
    this.ears.heard(frame);
  }

  private welcomed(requests: boolean): void {
    this.failures = 0;
    this.pauseMs = null;
    clearInterval(this.pinging);
    if (requests) {
      this.polling = setTimeout(() => {
        this.blocked = BLOCKED_AFTER - 1;
        this.renew();
      }, POLLING_MS);
    } else {
      this.blocked = 0;
      this.pinging = setInterval(() => {
        if (this.send({ t: "ping" })) this.expectAnswer();
      }, PING_MS);
    }
    this.become("online");
  }

  private quiet(): void {
    clearTimeout(this.silence);
    clearInterval(this.pinging);
    clearTimeout(this.polling);
    this.wire = null;
  }

  private lost(): void {
    this.quiet();
    if (this.state === "stopped") return;
    if (this.state === "connecting" && navigator.onLine) this.blocked += 1;
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

/** Whether the next attempt goes by requests after so many in a row that brought nothing. */
export function byRequests(blocked: number): boolean {
  return blocked >= BLOCKED_AFTER && (blocked - BLOCKED_AFTER) % 2 === 0;
}

// The live connection: resumes from what was applied, comes back by itself, reads anew when told to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../src/api.ts";
import { Live, type LiveState, type Mark, type Socket } from "../src/live.ts";
import type { Frame } from "../src/wire.ts";
import { HandMovedTimers, settled } from "./invented.ts";

class FakeSocket implements Socket {
  readonly said: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  send(text: string): void {
    this.said.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  hear(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

class Server {
  readonly timers = new HandMovedTimers();
  readonly sockets: FakeSocket[] = [];
  readonly frames: Frame[] = [];
  readonly states: LiveState[] = [];
  signedOut = 0;
  refusal: Failure | null = null;
  fresh: Mark = { seq: 900, access: "new" };
  readonly live = new Live(
    {
      timers: this.timers,
      ticket: async () => {
        if (this.refusal !== null) throw this.refusal;
        return "ticket";
      },
      open: () => {
        const socket = new FakeSocket();
        this.sockets.push(socket);
        return socket;
      },
      onFrame: (frame) => this.frames.push(frame),
      onState: (state) => this.states.push(state),
      snapshot: async () => this.fresh,
      signedOut: () => {
        this.signedOut += 1;
      },
    },
    { seq: 5, access: "a" },
  );

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  async open(): Promise<void> {
    await settled();
    this.socket.onopen?.();
    this.socket.hear({ t: "hello", seq: 5, access: "a" });
  }
}

const delta = (seq: number) => ({ t: "delta", seq, entity: "message", id: "m", what: "w", version: 1, state: null });

test("it resumes from the last frame that was applied", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  assert.deepEqual(server.socket.said[0], { t: "resume", seq: 5, access: "a" });
  server.socket.hear(delta(6));
  server.socket.hear({ t: "head", seq: 9 });
  server.socket.onclose?.();
  await server.timers.pass(30_000);
  server.socket.onopen?.();
  assert.deepEqual([server.sockets.length >= 2, server.socket.said[0]], [true, { t: "resume", seq: 9, access: "a" }]);
  assert.deepEqual(server.frames.map((frame) => frame.t), ["hello", "delta"]);
});

test("frames of a connection that was given up are not taken", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  const old = server.socket;
  old.onclose?.();
  old.hear(delta(6));
  assert.equal(server.live.seq, 5);
});

test("a silent connection is given up and opened anew", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  await server.timers.pass(60_000);
  assert.ok(server.sockets[0]?.closed);
  assert.ok(server.sockets[0].said.some((frame) => frame["t"] === "ping"));
  assert.ok(server.sockets.length >= 2);
});

test("a connection that answers pings is kept", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  for (let second = 0; second < 120; second += 1) {
    await server.timers.pass(1000);
    server.socket.hear({ t: "pong" });
  }
  assert.deepEqual([server.sockets.length, server.socket.closed], [1, false]);
});

test("pauses grow while nobody answers, and end at once when the network is back", async () => {
  const server = new Server();
  server.refusal = new Failure("unreachable");
  server.live.start();
  await server.timers.pass(60_000);
  assert.equal(server.sockets.length, 0);
  const attempts = server.states.filter((state) => state === "opening").length;
  assert.ok(attempts >= 5 && attempts <= 12, `${attempts} attempts in a minute`);
  server.refusal = null;
  server.live.hurry();
  await settled();
  assert.equal(server.sockets.length, 1);
});

test("told to read anew, it does and resumes on the same connection", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  server.socket.hear({ t: "resync", reason: "access", access: "new" });
  await settled();
  assert.deepEqual(server.socket.said.at(-1), { t: "resume", seq: 900, access: "new" });
  assert.equal(server.sockets.length, 1);
});

test("an ended session stops it", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  server.socket.hear({ t: "bye", reason: "session", retry_after: null });
  await server.timers.pass(60_000);
  assert.deepEqual([server.signedOut, server.sockets.length, server.states.at(-1)], [1, 1, "stopped"]);
});

test("a server that stops says when to come back", async () => {
  const server = new Server();
  server.live.start();
  await server.open();
  server.socket.hear({ t: "bye", reason: "stopping", retry_after: 10 });
  await server.timers.pass(9000);
  assert.equal(server.sockets.length, 1);
  await server.timers.pass(3000);
  assert.equal(server.sockets.length, 2);
});

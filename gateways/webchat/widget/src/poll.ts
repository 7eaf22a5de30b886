// Frames in requests, for networks that let no WebSocket through. Each request says hello again, from where the
// mailbox stands, and carries what the visitor sent; one without frames waits up to 25 seconds for something to say,
// and is given up as soon as there is something to send: what it would have said comes with the next one.

import type { Frame, Row, Welcome } from "./frames.ts";
import type { Ends, Wire } from "./wire.ts";

const AT_ONCE = 20;
const PAUSE_MS = 200;
const PATIENCE_MS = 40_000;

interface Hello {
  last_seq: number | null;
}

export function poll(url: string, ends: Ends): Wire {
  let hello: Hello = { last_seq: null };
  let visitor: string | undefined;
  let queue: object[] = [];
  let request: AbortController | null = null;
  let carries = false;
  let closed = false;
  let next: ReturnType<typeof setTimeout> | undefined;

  const soon = (ms: number) => {
    clearTimeout(next);
    if (!closed) next = setTimeout(() => void ask(), ms);
  };
  const end = () => {
    clearTimeout(next);
    if (!closed) ends.closed();
    closed = true;
  };
  /** A welcome is one only for who comes; later its history is what is new. */
  const take = (frame: Frame) => {
    if (frame.t !== "welcome" || frame.visitor !== visitor) return ends.heard(frame);
    for (const row of frame.history) ends.heard({ t: "msg", ...row } as Row);
  };
  const ask = async () => {
    ends.opened(); // a hello of this moment
    const frames = queue.splice(0, AT_ONCE);
    const asking = new AbortController();
    const given = setTimeout(() => asking.abort(), PATIENCE_MS);
    request = asking;
    carries = frames.length > 0;
    try {
      const body = JSON.stringify({ hello, frames, after: hello.last_seq ?? undefined });
      const answer = await fetch(url, { method: "POST", body, signal: asking.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const said = ((await answer.json()) as { frames: Frame[] }).frames;
      if (closed) return;
      if (!said.length) ends.heard(undefined);
      for (const frame of said) take(frame);
      visitor = said.find((frame): frame is Welcome => frame.t === "welcome")?.visitor;
      if (!visitor) end(); // not let in; the reason is among the frames
      request = null;
      soon(queue.length ? 0 : PAUSE_MS);
    } catch {
      if (request === asking) end();
    } finally {
      clearTimeout(given);
    }
  };
  soon(0);
  return {
    send(frame) {
      if (closed) return false;
      if ((frame as { t: string }).t === "hello") hello = frame as object as Hello;
      else {
        queue.push(frame);
        if (request && !carries) {
          const idle = request;
          request = null;
          idle.abort();
        }
        if (!request) soon(20);
      }
      return true;
    },
    close() {
      closed = true;
      queue = [];
      clearTimeout(next);
      request?.abort();
    },
  };
}

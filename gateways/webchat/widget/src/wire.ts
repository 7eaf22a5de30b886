// How frames travel: over a WebSocket, or, where those are blocked, in requests (poll.ts).

import { type Frame, read } from "./frames.ts";

export interface Ends {
  opened(): void;
  heard(frame: Frame | undefined): void;
  closed(): void;
}

/** One connection; `ends` are called until it is closed, by either side, and never after. */
export interface Wire {
  /** Whether it was written; nothing is queued here. */
  send(frame: object): boolean;
  close(): void;
}

export function socket(url: string, ends: Ends): Wire {
  const ws = new WebSocket(url);
  ws.onopen = () => ends.opened();
  ws.onmessage = ({ data }) => ends.heard(read(data));
  ws.onclose = () => ends.closed();
  return {
    send(frame) {
      if (ws.readyState !== WebSocket.OPEN) return false;
      ws.send(JSON.stringify(frame));
      return true;
    },
    close() {
      ws.onopen = ws.onmessage = ws.onclose = null;
      ws.close();
    },
  };
}

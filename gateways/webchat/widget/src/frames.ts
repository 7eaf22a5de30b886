// What the widget and its gateway say to each other; the gateway's side is gateways/webchat/parse.py and render.py.

export interface Entry {
  seq: number;
  id: string;
  from: "client" | "operator" | "bot" | "system";
  name?: string;
  text: string;
  at: string;
  cid?: string;
}

export interface Limits {
  text: number;
}

export type Frame =
  | { t: "welcome"; visitor: string; token: string; seq: number; history: Entry[]; limits: Limits }
  | { t: "ack"; cid: string; id: string; seq: number; at: string }
  | ({ t: "msg" } & Entry)
  | { t: "err"; code: string; words: string; retry_after?: number; cid?: string }
  | { t: "bye"; retry_after: number }
  | { t: "pong" };

/** The frame in `raw`, or nothing: what a newer gateway says and we do not know is passed by. */
export function read(raw: unknown): Frame | undefined {
  if (typeof raw !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(raw);
    return typeof frame === "object" && frame !== null && "t" in frame ? (frame as Frame) : undefined;
  } catch {
    return undefined;
  }
}

// What the widget and its gateway say to each other; the gateway's side is gateways/webchat/parse.py and render.py.
// Whatever is optional here an older gateway does not send.

export type Kind = "image" | "file" | "voice" | "video" | "audio";

/** A file that the gateway holds. */
export interface FileRef {
  id: string;
  name: string;
  mime: string;
  size: number;
  kind: Kind;
  w?: number;
  h?: number;
  seconds?: number;
  preview?: boolean;
  url?: string;
}

export interface Quote {
  seq?: number;
  text: string;
  name?: string;
}

export interface Sticker {
  emoji?: string;
  url?: string;
}

export interface Entry {
  seq: number;
  id: string;
  from: "client" | "operator" | "bot" | "system";
  name?: string;
  avatar?: string;
  text?: string;
  files?: FileRef[];
  quote?: Quote;
  sticker?: Sticker;
  at: string;
  cid?: string;
  /** What later rows made of it; never on the wire. */
  edited?: boolean;
  deleted?: boolean;
  closed?: "client" | "operator";
}

/** A row of the mailbox: everything that changed the chat, each under its own number. */
export type Row =
  | ({ t?: "msg" } & Entry)
  | { t: "edit"; seq: number; of: number; text: string; at: string }
  | { t: "delete"; seq: number; of: number; at: string }
  | { t: "seen"; seq: number; up_to: number }
  | { t: "closed"; seq: number; by: "client" | "operator"; at: string };

export interface Limits {
  text: number;
  file_bytes?: number;
  files?: number;
  /** `image/*`, `application/pdf`, `.pdf`; empty: everything. */
  types?: string[];
}

export type Asked = "name" | "phone" | "email";

export interface Site {
  name?: string;
  ask?: Asked[];
  required?: Asked[];
  greeting?: string;
  color?: string;
  sound?: boolean;
}

/** How far the operators are with what the visitor wrote. */
export interface Progress {
  read?: number;
  got?: number;
}

/** Who the host page says that the visitor is; `hash` is its site's word for it. */
export interface User {
  id: string;
  hash: string;
  name?: string;
  email?: string;
  phone?: string;
}

export interface Welcome {
  t: "welcome";
  visitor: string;
  token: string;
  seq: number;
  history: Row[];
  limits: Limits;
  site?: Site;
  state?: Progress;
  closed?: boolean;
}

export type Frame =
  | Welcome
  | Row
  | { t: "ack"; cid: string; id: string; seq: number; at: string }
  | { t: "err"; code: string; words: string; retry_after?: number; cid?: string }
  | { t: "got"; up_to: number }
  | { t: "typing"; on: boolean; name?: string }
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

// What the host page can do and hear: window.Switchboard. The page is told by the event "switchboard" of the window
// when the name is there.
//
//   Switchboard.identify({id: "42", hash: "…", name: "Anna"})   who is signed in, vouched for by the site's server
//   Switchboard.fields({plan: "yearly"})                         shown to the operators
//   Switchboard.event("cart", {items: 3})                        the same, for what happened
//   const off = Switchboard.on("message", ({from, text}) => …)   also open, close, ready, unread

import type { Chat } from "./chat.ts";
import type { Entry, User } from "./frames.ts";

/** What the page may hear of. */
export interface Happenings {
  open: [];
  close: [];
  ready: [];
  message: [{ from: Entry["from"]; text: string; name?: string }];
  unread: [number];
}

type Listener = (...told: unknown[]) => void;

export interface Switchboard {
  open(): void;
  close(): void;
  identify(user: User | null): void;
  fields(fields: Record<string, unknown>): void;
  event(name: string, data?: Record<string, unknown>): void;
  on(name: keyof Happenings, listener: Listener): () => void;
  remove(): void;
}

/** Gives the page its name for the chat; `remove` ends the chat and takes the name back. */
export function offer(chat: Chat, show: (open: boolean) => void, remove: () => void): void {
  const listeners = new Map<string, Set<Listener>>();
  chat.tellPage = (name, ...told) => {
    for (const listener of listeners.get(name) ?? []) {
      try {
        listener(...told);
      } catch (error) {
        console.error(error); // a fault of the page is not ours to die of
      }
    }
  };
  const name = "Switchboard";
  const value: Switchboard = Object.freeze({
    open: () => show(true),
    close: () => show(false),
    identify: (user) => chat.identify(user && { ...user, id: `${user.id}`, hash: `${user.hash}` }),
    fields: (fields) => chat.errands.pass({ t: "fields", fields: flat(fields) }),
    event: (named, data = {}) => chat.errands.pass({ t: "event", name: `${named}`, data: flat(data) }),
    on: (named, listener) => {
      const of = listeners.get(named) ?? new Set();
      listeners.set(named, of.add(listener));
      return () => of.delete(listener);
    },
    remove: () => {
      listeners.clear();
      chat.leave();
      remove();
      delete (window as { [name]?: unknown })[name];
    },
  } satisfies Switchboard);
  Object.defineProperty(window, name, { value, configurable: true });
  dispatchEvent(new Event("switchboard"));
}

/** Values as texts. */
function flat(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

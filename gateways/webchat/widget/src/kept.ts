// What outlives the page, in localStorage: the visitor's token, and messages that are not acknowledged yet.
// Each message has a key of its own, so that several tabs never overwrite each other's. Where storage is
// forbidden everything works as long as the page is open.

import type { FileRef, Quote, Sticker } from "./frames.ts";

export interface Unsent {
  cid: string;
  text: string;
  at: string;
  files?: FileRef[];
  quote?: Quote;
  sticker?: Sticker;
}

/** What the visitor said of themselves on the welcome form. */
export interface Contact {
  name?: string;
  phone?: string;
  email?: string;
  consent?: boolean;
}

const memory = new Map<string, string>();

export class Kept {
  private readonly prefix: string;
  private counter = 0;

  constructor(site: string) {
    this.prefix = `switchboard:${site}:`;
  }

  get token(): string | null {
    return this.get("token");
  }

  set token(token: string | null) {
    this.put("token", token);
  }

  get open(): boolean {
    return this.get("open") === "1";
  }

  set open(open: boolean) {
    this.put("open", open ? "1" : null);
  }

  /** The last number that the visitor has seen. */
  get seen(): number {
    return Number(this.get("seen") ?? 0);
  }

  set seen(seq: number) {
    this.put("seen", String(seq));
  }

  get silent(): boolean {
    return this.get("silent") === "1";
  }

  set silent(silent: boolean) {
    this.put("silent", silent ? "1" : null);
  }

  /** The last number for which some tab has sounded. */
  get rung(): number {
    return Number(this.get("rung") ?? 0);
  }

  set rung(seq: number) {
    this.put("rung", String(seq));
  }

  /** Who the host page said that the visitor is. */
  get user(): string | null {
    return this.get("user");
  }

  set user(id: string | null) {
    this.put("user", id);
  }

  /** The welcome form: what is still to be told, `true` once it is told, null before it is filled. */
  get contact(): Contact | true | null {
    const kept = this.get("contact");
    return kept === null ? null : kept === "1" ? true : (JSON.parse(kept) as Contact);
  }

  set contact(contact: Contact | true | null) {
    this.put("contact", contact === true ? "1" : contact && JSON.stringify(contact));
  }

  /** Unacknowledged messages of all tabs, oldest first. */
  get unsent(): Unsent[] {
    const found: [string, Unsent][] = [];
    for (const key of this.keys()) {
      if (!key.startsWith(`${this.prefix}unsent:`)) continue;
      try {
        const one = JSON.parse(this.read(key) ?? "") as Unsent;
        if (typeof one.cid === "string" && typeof one.text === "string") found.push([key, one]);
      } catch {
        this.write(key, null);
      }
    }
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** Keeps a message until it is acknowledged. */
  keep(one: Unsent): void {
    this.counter += 1;
    const place = `${String(Date.now()).padStart(15, "0")}-${String(this.counter).padStart(6, "0")}`;
    this.put(`unsent:${place}:${one.cid}`, JSON.stringify(one));
  }

  /** The message is safe with the gateway, or refused for good. */
  forget(cid: string): void {
    for (const key of this.keys()) {
      if (key.startsWith(`${this.prefix}unsent:`) && key.endsWith(`:${cid}`)) this.write(key, null);
    }
  }

  /** Forgets the visitor and everything of theirs. */
  clear(): void {
    for (const key of this.keys()) if (key.startsWith(this.prefix)) this.write(key, null);
  }

  /** Calls back when another tab changed something. */
  onChange(callback: (name: string) => void, signal: AbortSignal): void {
    const heard = (event: StorageEvent) => {
      if (event.key?.startsWith(this.prefix)) callback(event.key.slice(this.prefix.length));
    };
    addEventListener("storage", heard, { signal });
  }

  private get(name: string): string | null {
    return this.read(this.prefix + name);
  }

  private put(name: string, value: string | null): void {
    this.write(this.prefix + name, value);
  }

  private keys(): string[] {
    try {
      return [...new Set([...Object.keys(localStorage), ...memory.keys()])];
    } catch {
      return [...memory.keys()];
    }
  }

  private read(key: string): string | null {
    try {
      return localStorage.getItem(key) ?? memory.get(key) ?? null;
    } catch {
      return memory.get(key) ?? null;
    }
  }

  private write(key: string, value: string | null): void {
    if (value === null) memory.delete(key);
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      if (value !== null) memory.set(key, value);
    }
  }
}

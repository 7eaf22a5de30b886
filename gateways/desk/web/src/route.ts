// Where the reader is, in the address: `#/mine/<conversation>`; so a reload and the back button keep the place.

import { type Signal, signal } from "@preact/signals";
import { type Folder, FOLDERS } from "./wire.ts";

export interface Route {
  readonly folder: Folder;
  readonly conversation: string | null;
}

export function parsed(hash: string): Route {
  const [, folder = "", conversation = ""] = hash.replace(/^#/, "").split("/");
  const known = FOLDERS.find((name) => name === folder);
  const id = /^[0-9a-f-]{36}$/.test(conversation) ? conversation : null;
  return { folder: known ?? "new", conversation: known === undefined ? null : id };
}

export function address(folder: Folder, conversation: string | null = null): string {
  return conversation === null ? `#/${folder}` : `#/${folder}/${conversation}`;
}

export function watchedRoute(): Signal<Route> {
  const route = signal(parsed(location.hash));
  addEventListener("hashchange", () => {
    route.value = parsed(location.hash);
  });
  return route;
}

export function go(folder: Folder, conversation: string | null = null, replace = false): void {
  const hash = address(folder, conversation);
  if (location.hash === hash) return;
  if (replace) location.replace(hash);
  else location.hash = hash;
}

// The second hand of the page, and the server's time by it.

import { signal } from "@preact/signals";
import type { App } from "../app.ts";

const tick = signal(Date.now());
const minute = signal(Math.floor(Date.now() / 60_000));

setInterval(() => {
  tick.value = Date.now();
  minute.value = Math.floor(tick.value / 60_000);
}, 1000);

/** Milliseconds, anew each second. */
export function eachSecond(app: App): number {
  return tick.value + app.api.clockAhead;
}

/** Milliseconds, anew each minute: enough for "today" and "yesterday". */
export function serverNow(app: App): number {
  return minute.value * 60_000 + app.api.clockAhead;
}

// Typing, heard and told: short-lived, and seldom said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AGAIN_MS, Heard, OVER_MS, STOPPED_MS, Told } from "../src/typing.ts";
import type { TypingFrame } from "../src/wire.ts";
import { HandMovedTimers } from "./invented.ts";

const frame = (on = true, by: TypingFrame["by"] = "client"): TypingFrame => ({ t: "typing", dialog_id: "d1", on, by });

test("typing that was heard is over after ten seconds, or when its author stops", async () => {
  const timers = new HandMovedTimers();
  const heard = new Heard(timers);
  heard.take(frame());
  await timers.pass(OVER_MS - 1);
  heard.take(frame());
  await timers.pass(OVER_MS - 1);
  assert.equal(heard.writers.value.get("d1")?.by, "client");
  heard.take(frame(false, "operator"));
  assert.equal(heard.writers.value.size, 1);
  await timers.pass(1);
  assert.equal(heard.writers.value.size, 0);
  heard.take(frame());
  heard.take(frame(false));
  assert.deepEqual([heard.writers.value.size, timers.waiting], [0, 0]);
});

test("one's own typing is told at once, then seldom, and once when it stops", async () => {
  const timers = new HandMovedTimers();
  const said: string[] = [];
  const told = new Told((conversation, on) => said.push(`${conversation} ${on}`), timers);
  for (let key = 0; key < 20; key += 1) {
    told.writes("c1");
    await timers.pass(AGAIN_MS / 10);
  }
  assert.deepEqual(said, ["c1 true", "c1 true"]);
  await timers.pass(STOPPED_MS);
  assert.deepEqual(said.slice(2), ["c1 false"]);
  told.stops();
  told.writes("c1");
  told.writes("c2");
  told.stops();
  assert.deepEqual(said.slice(3), ["c1 true", "c1 false", "c2 true", "c2 false"]);
});

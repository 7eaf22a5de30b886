import assert from "node:assert/strict";
import { test } from "node:test";

import { byRequests } from "../src/link.ts";
import { Typing } from "../src/typing.ts";

test("writing is said once in three seconds, and its end once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const told: boolean[] = [];
  const typing = new Typing((on) => told.push(on), () => undefined);
  for (const text of ["a", "ab", "abc"]) typing.wrote(text);
  assert.deepEqual(told, [true]);
  context.mock.timers.tick(3500);
  typing.wrote("abcd");
  assert.deepEqual(told, [true, true]);
  context.mock.timers.tick(4000);
  assert.deepEqual(told, [true, true, false]);
  typing.wrote("");
  assert.deepEqual(told, [true, true, false]);
});

test("a message that is sent ends it without a word; an emptied field says it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const told: boolean[] = [];
  const typing = new Typing((on) => told.push(on), () => undefined);
  typing.wrote("a");
  typing.ended(true);
  context.mock.timers.tick(10_000);
  typing.wrote("b");
  typing.wrote("");
  assert.deepEqual(told, [true, true, false]);
});

test("an operator who writes is worth ten seconds", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let changes = 0;
  const typing = new Typing(() => undefined, () => (changes += 1));
  typing.heard(true, "Anna");
  context.mock.timers.tick(9000);
  typing.heard(true, "Anna");
  context.mock.timers.tick(9000);
  assert.equal(typing.who, "Anna");
  context.mock.timers.tick(1000);
  assert.equal(typing.who, null);
  assert.equal(changes, 2);
});

test("after two sockets that brought nothing every other attempt goes by requests", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(byRequests), [false, false, true, false, true, false]);
});

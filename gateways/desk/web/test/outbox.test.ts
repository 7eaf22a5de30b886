// A reply is never lost and never sent under two ids: through outages, refusals, reloads and other pages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../src/api.ts";
import { Outbox, type Overtaken, type Pending, type Reply } from "../src/outbox.ts";
import { MOVED_ON } from "../src/replying.ts";
import { MemoryShelf, type Shelf } from "../src/storage.ts";
import { HandMovedTimers, settled } from "./invented.ts";

type Answer = "confirmed" | "pending" | Failure;

class Desk {
  readonly timers = new HandMovedTimers();
  readonly posted: Reply[] = [];
  readonly refused: [string, string][] = [];
  readonly overtaken: string[] = [];
  then: Overtaken = "give_back";
  signedOut = 0;
  pending: readonly Pending[] = [];
  answers: Answer[] = [];
  otherwise: Answer = "confirmed";

  page(shelf: Shelf): Outbox {
    const parts = {
      shelf,
      timers: this.timers,
      post: async (reply: Reply) => {
        this.posted.push(reply);
        const answer = this.answers.shift() ?? this.otherwise;
        if (answer instanceof Failure) throw answer;
        return answer;
      },
      onChange: (pending: readonly Pending[]) => {
        this.pending = pending;
      },
      onRefused: (reply: Reply, failure: Failure) => {
        this.refused.push([reply.text, failure.code]);
      },
      overtaken: async (reply: Reply) => {
        this.overtaken.push(reply.text);
        return this.then;
      },
      signedOut: () => {
        this.signedOut += 1;
      },
    };
    return new Outbox(parts, "olga");
  }

  get texts(): string[] {
    return this.posted.map((reply) => reply.text);
  }

  get ids(): Set<string> {
    return new Set(this.posted.map((reply) => reply.id));
  }
}

const away = (): Failure => new Failure("unavailable", 503, "unavailable", "away");

test("a confirmed reply leaves the outbox and the storage", async () => {
  const desk = new Desk();
  const shelf = new MemoryShelf();
  desk.page(shelf).send("c1", "hello");
  assert.equal(desk.pending[0]?.state, "sending");
  await settled();
  assert.deepEqual([desk.pending.length, shelf.keys("").length, desk.texts.length], [0, 0, 1]);
});

test("while the broker is away the same id is repeated in growing pauses, and at once when it is back", async () => {
  const desk = new Desk();
  desk.otherwise = away();
  const outbox = desk.page(new MemoryShelf());
  outbox.send("c1", "hello");
  await desk.timers.pass(0);
  assert.equal(desk.pending[0]?.state, "waiting");
  await desk.timers.pass(60_000);
  const early = desk.posted.length;
  assert.ok(early >= 4 && early <= 9, `${early} attempts in a minute`);
  desk.otherwise = "confirmed";
  outbox.hurry();
  await settled();
  assert.deepEqual([desk.pending.length, desk.ids.size], [0, 1]);
});

test("the order of a conversation is kept, another conversation does not wait for it", async () => {
  const desk = new Desk();
  desk.answers = [new Failure("unreachable")];
  const outbox = desk.page(new MemoryShelf());
  outbox.send("c1", "one");
  outbox.send("c1", "two");
  outbox.send("c2", "other");
  await desk.timers.pass(0);
  assert.deepEqual(desk.texts, ["one", "other"]);
  await desk.timers.pass(5000);
  assert.deepEqual(desk.texts, ["one", "other", "one", "two"]);
});

test("a refused reply goes back with its code and is not repeated; the next one goes on", async () => {
  const desk = new Desk();
  desk.answers = [new Failure("refused", 409, "assigned_to_other", "Pavel has it")];
  const shelf = new MemoryShelf();
  const outbox = desk.page(shelf);
  outbox.send("c1", "one");
  outbox.send("c1", "two");
  await desk.timers.pass(60_000);
  assert.deepEqual(desk.refused, [["one", "assigned_to_other"]]);
  assert.deepEqual(desk.texts, ["one", "two"]);
  assert.deepEqual(shelf.keys(""), []);
});

test("an expired command was not carried out: it is repeated under its id", async () => {
  const desk = new Desk();
  desk.answers = [new Failure("refused", 409, "expired")];
  desk.page(new MemoryShelf()).send("c1", "one");
  await desk.timers.pass(3000);
  assert.deepEqual([desk.texts.length, desk.ids.size, desk.refused.length], [2, 1, 0]);
});

test("a reply outlives the page: the next one sends it under its id, in order", async () => {
  const desk = new Desk();
  desk.otherwise = away();
  const shelf = new MemoryShelf();
  const first = desk.page(shelf);
  first.send("c1", "one");
  first.send("c1", "two");
  await desk.timers.pass(0);
  first.stop();
  desk.otherwise = "confirmed";
  desk.page(shelf).start();
  await settled();
  assert.deepEqual(desk.texts, ["one", "one", "two"]);
  assert.deepEqual([desk.ids.size, shelf.keys("").length], [2, 0]);
});

test("a decided reply is shown until its line stands, and is not asked for again", async () => {
  const desk = new Desk();
  desk.otherwise = "pending";
  const shelf = new MemoryShelf();
  const outbox = desk.page(shelf);
  const { id } = outbox.send("c1", "one");
  await desk.timers.pass(60_000);
  assert.deepEqual([desk.pending[0]?.state, shelf.keys("").length, desk.posted.length], ["decided", 0, 1]);
  outbox.confirm(id);
  assert.equal(desk.pending.length, 0);
});

test("what another page of the browser confirmed is gone here, what it left is taken up", async () => {
  const desk = new Desk();
  desk.otherwise = away();
  const shelf = new MemoryShelf();
  const outbox = desk.page(shelf);
  const { id } = outbox.send("c1", "one");
  await desk.timers.pass(0);
  shelf.remove(`switchboard.outbox.olga.${id}`);
  outbox.noticed(`switchboard.outbox.olga.${id}`);
  assert.equal(desk.pending.length, 0);
  const left: Reply = { id: "x", conversation: "c2", text: "left", at: 1, traceparent: "t" };
  shelf.set("switchboard.outbox.olga.x", JSON.stringify(left));
  outbox.noticed("switchboard.outbox.olga.x");
  outbox.noticed("switchboard.outbox.pavel.y");
  assert.deepEqual(desk.pending.map((reply) => reply.text), ["left"]);
});

test("a session that ended keeps the reply and says so", async () => {
  const desk = new Desk();
  desk.answers = [new Failure("signed_out", 401)];
  const shelf = new MemoryShelf();
  desk.page(shelf).send("c1", "one");
  await desk.timers.pass(0);
  assert.deepEqual([desk.signedOut, shelf.keys("").length, desk.refused.length], [1, 1, 0]);
});

const movedOn = (): Failure => new Failure("refused", 409, MOVED_ON, "read it first");
const SEEN = { version: 3, position: 30 };
const NOW = { version: 5, position: 50 };

test("a saved reply that only the client overtook goes by itself, anew and in its place", async () => {
  const desk = new Desk();
  const shelf = new MemoryShelf();
  desk.then = { seen: NOW };
  desk.answers = [away()];
  const outbox = desk.page(shelf);
  outbox.send("c1", "one", { seen: SEEN });
  await settled();
  await desk.timers.pass(1);
  desk.answers = [movedOn(), "confirmed", "confirmed"];
  outbox.send("c1", "two", { seen: SEEN });
  await settled();
  assert.deepEqual(desk.texts, ["one", "one", "one", "two"]);
  assert.deepEqual(desk.posted.map(({ seen }) => seen), [SEEN, SEEN, NOW, SEEN]);
  assert.equal(desk.posted[0]?.id, desk.posted[1]?.id);
  assert.notEqual(desk.posted[1]?.id, desk.posted[2]?.id);
  assert.deepEqual([desk.refused, desk.pending.length, shelf.keys("").length], [[], 0, 0]);
});

test("a saved reply that a colleague overtook comes back, and one that never waited is not asked about", async () => {
  const desk = new Desk();
  desk.answers = [away(), movedOn(), movedOn()];
  const outbox = desk.page(new MemoryShelf());
  outbox.send("c1", "one", { seen: SEEN });
  await settled();
  outbox.hurry();
  await settled();
  outbox.send("c1", "two", { seen: SEEN });
  await settled();
  assert.deepEqual(desk.refused, [["one", MOVED_ON], ["two", MOVED_ON]]);
  assert.deepEqual(desk.overtaken, ["one"]);
});

test("while nobody can say what overtook a saved reply, it goes on waiting", async () => {
  const desk = new Desk();
  desk.then = "ask_later";
  desk.answers = [away(), movedOn()];
  const outbox = desk.page(new MemoryShelf());
  outbox.send("c1", "one", { seen: SEEN });
  await settled();
  outbox.hurry();
  await settled();
  assert.equal(desk.pending[0]?.state, "waiting");
  desk.then = { seen: NOW };
  desk.answers = [movedOn()];
  outbox.hurry();
  await settled();
  assert.deepEqual([desk.refused, desk.pending.length, desk.ids.size], [[], 0, 2]);
});

// What the page knows: the larger `seq` wins, whatever comes first; lists are what is known without gaps.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as directory from "../src/directory.ts";
import * as lists from "../src/lists.ts";
import * as models from "../src/model.ts";
import { isStale, linesOf } from "../src/thread.ts";
import type { Conversation } from "../src/wire.ts";
import { conversation, delta, line, ME, offer, OTHER } from "./invented.ts";

const page = (seq: number, items: readonly Conversation[], next: string | null = null) => ({ seq, items, next });
const ids = (model: models.Model, folder: Parameters<typeof lists.listOf>[1]): string[] =>
  lists.listOf(model, folder).map((item) => item.conversation_id);

test("a delta that is older than what an answer said changes nothing", () => {
  let model = models.withPage(models.emptyModel(ME), "new", page(10, [conversation("c1", { unread: 3 })]), false);
  model = models.withDelta(model, delta(9, "conversation", "c1", conversation("c1", { unread: 1 })));
  assert.equal(lists.listOf(model, "new")[0]?.unread, 3);
  model = models.withDelta(model, delta(11, "conversation", "c1", conversation("c1", { unread: 4 })));
  assert.equal(lists.listOf(model, "new")[0]?.unread, 4);
});

test("what went out of sight is not brought back by an answer that was read before", () => {
  let model = models.withPage(models.emptyModel(ME), "new", page(10, [conversation("c1")]), false);
  model = models.withHistory(model, "dialog of c1", { seq: 10, items: [line("m1", 100)], more: false }, false);
  model = models.withDelta(model, delta(12, "conversation", "c1", null));
  assert.deepEqual(ids(model, "new"), []);
  assert.deepEqual(linesOf(model.threads.get("dialog of c1")), []);
  model = models.withPage(model, "new", page(11, [conversation("c1")]), false);
  model = models.withHistory(model, "dialog of c1", { seq: 11, items: [line("m1", 100)], more: false }, false);
  assert.deepEqual(ids(model, "new"), []);
  assert.deepEqual(linesOf(model.threads.get("dialog of c1")), []);
});

test("what comes into sight makes its dialog's thread be read anew", () => {
  let model = models.withPage(models.emptyModel(ME), "new", page(10, [conversation("c1")]), false);
  model = models.withHistory(model, "dialog of c1", { seq: 10, items: [line("m1", 100)], more: false }, false);
  assert.equal(isStale(model.threads.get("dialog of c1")), false);
  const second = conversation("c2", { dialog_id: "dialog of c1" });
  model = models.withDelta(model, delta(13, "conversation", "c2", second));
  assert.equal(isStale(model.threads.get("dialog of c1")), true);
});

test("a conversation stands in the folders that the archive would put it in", () => {
  const cases: [Partial<Conversation>, string[]][] = [
    [{ status: "new" }, ["new", "all"]],
    [{ status: "new", participants: [ME] }, ["mine", "all"]],
    [{ status: "active", assignee: ME }, ["mine", "all"]],
    [{ status: "active", assignee: OTHER }, ["others", "all"]],
    [{ status: "active", assignee: OTHER, participants: [ME] }, ["mine", "all"]],
    [{ status: "closed", assignee: ME }, ["closed"]],
    [{ status: "offered", offer: offer({ operator_id: ME }) }, ["mine", "all"]],
    [{ status: "offered", offer: offer({ group: "sales" }) }, ["mine", "all"]],
    [{ status: "offered", offer: offer({ group: "other" }) }, ["new", "all"]],
    [{ status: "active", assignee: OTHER, offer: offer({ operator_id: ME }) }, ["mine", "all"]],
    [{ status: "active", assignee: ME, offer: offer({ operator_id: OTHER }) }, ["mine", "all"]],
  ];
  for (const [changes, expected] of cases) {
    const item = conversation("c1", changes);
    const folders = (["new", "mine", "others", "all", "closed"] as const).filter((name) =>
      lists.stands(name, item, ME, ["sales"]),
    );
    assert.deepEqual(folders, expected, JSON.stringify(changes));
  }
});

test("a list is ordered by the last message to the microsecond, then by id", () => {
  const items = [
    conversation("c3", { last_message_at: "2026-03-01T10:00:00.000002Z" }),
    conversation("c2", { last_message_at: "2026-03-01T10:00:00.000001Z" }),
    conversation("c1", { last_message_at: "2026-03-01T10:00:00.000001Z" }),
  ];
  const model = models.withPage(models.emptyModel(ME), "new", page(1, items), false);
  assert.deepEqual(ids(model, "new"), ["c3", "c2", "c1"]);
});

test("what lies below the pages that were read is not shown, though a delta named it", () => {
  const at = (minute: number) => ({ last_message_at: `2026-03-01T10:0${minute}:00Z` });
  let model = models.withPage(models.emptyModel(ME), "new", page(5, [conversation("c9", at(9))], "cursor"), false);
  model = models.withDelta(model, delta(6, "conversation", "c1", conversation("c1", at(1))));
  assert.deepEqual(ids(model, "new"), ["c9"]);
  model = models.withPage(model, "new", page(7, [conversation("c5", at(5)), conversation("c1", at(1))]), true);
  assert.deepEqual(ids(model, "new"), ["c9", "c5", "c1"]);
});

test("an empty page after the last one leaves the list as it was", () => {
  let model = models.withPage(models.emptyModel(ME), "new", page(5, [conversation("c1")], "cursor"), false);
  model = models.withPage(model, "new", page(6, []), true);
  assert.deepEqual(ids(model, "new"), ["c1"]);
});

test("counters of an earlier moment do not replace later ones", () => {
  const counted = (seq: number, total: number) =>
    ({ seq, folders: [{ folder: "new", total, unread: 0, waiting: 0 }] }) as const;
  let model = models.withCounters(models.emptyModel(ME), counted(5, 2));
  model = models.withCounters(model, counted(4, 9));
  assert.equal(models.counterOf(model, "new").total, 2);
  assert.equal(models.counterOf(model, "closed").total, 0);
});

test("statuses, groups and templates come and go like everything else", () => {
  let model = models.withDelta(models.emptyModel(ME), delta(3, "statuses", "statuses", { statuses: [{ slug: "away" }] }));
  model = models.withStatuses(model, [], 2);
  assert.deepEqual(model.statuses.state, [{ slug: "away" }]);
  model = models.withDelta(model, delta(4, "template", "t1", { template_id: "t1" }));
  model = models.withDelta(model, delta(5, "template", "t1", null));
  assert.deepEqual(directory.present(model.templates), []);
  model = models.withDelta(model, delta(6, "group", "sales", { slug: "sales", name: "Sales" }));
  assert.deepEqual(directory.present(model.groups), [{ slug: "sales", name: "Sales" }]);
});

test("an entity of a kind that this page does not know is left alone", () => {
  const model = models.emptyModel(ME);
  assert.equal(models.withDelta(model, delta(3, "parked", "p1", {})), model);
});

// Files for a reply: refused before they are sent, one after the other, cancelled and tried again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../src/api.ts";
import type { Capabilities } from "../src/contract.ts";
import { DESK_BYTES, limitOf, takesFiles } from "../src/limits.ts";
import { sized } from "../src/sizes.ts";
import { type Attachment, attachmentsOf, isUnderWay, type Picked, Uploads } from "../src/uploads.ts";
import { settled } from "./invented.ts";

const MB = 1_000_000;
const SITE: Capabilities = { files: true, images: true, video: true, file_bytes: 5 * MB, image_bytes: 2 * MB, files_per_message: 3, message_bytes: 8 * MB };
const file = (name: string, size = 10, type = "text/plain"): Picked => ({ name, size, type });
const stored = ({ name, size, type }: Picked): Attachment => ({
  attachment_id: `id of ${name}`,
  name,
  mime_type: type,
  size_bytes: size,
  kind: "file",
});

class Desk {
  readonly begun: string[] = [];
  readonly cancelled: string[] = [];
  readonly uploads = new Uploads((picked, progress) => {
    this.begun.push(picked.name);
    this.progress = progress;
    const done = new Promise<Attachment>((resolve, reject) => {
      this.finish = () => resolve(stored(picked));
      this.fail = () => reject(new Failure("unavailable", 503));
    });
    return { done, cancel: () => void this.cancelled.push(picked.name) };
  });
  progress: (share: number) => void = () => undefined;
  finish: () => void = () => undefined;
  fail: () => void = () => undefined;

  get states(): string[] {
    return this.uploads.of("c1").map(({ name, state }) => `${name} ${state.is}`);
  }
}

test("what the account does not take is refused before a byte leaves", () => {
  const taken = [{ size: 4 * MB }];
  const limit = (picked: Picked, capabilities = SITE, others: readonly Picked[] | { size: number }[] = []) =>
    limitOf(picked, others, capabilities)?.is ?? "fits";
  assert.equal(limit(file("a")), "fits");
  assert.equal(limit(file("a"), {}), "none");
  assert.equal(limit(file("a", 10, "audio/mpeg")), "kind");
  assert.equal(limit(file("a", 10, "image/png"), { ...SITE, file_types: ["application/pdf", "video/*"] }), "kind");
  assert.equal(limit(file("a", 10, "video/mp4"), { ...SITE, file_types: ["application/pdf", "video/*"] }), "fits");
  assert.equal(limit(file("a", 0)), "empty");
  assert.equal(limit(file("a", 3 * MB, "image/png")), "bytes");
  assert.equal(limit(file("a", 3 * MB)), "fits");
  assert.equal(limit(file("a", 5 * MB), SITE, taken), "together");
  assert.equal(limit(file("a"), SITE, [file("1"), file("2"), file("3")]), "count");
  assert.deepEqual(limitOf(file("a", 31 * MB), [], { files: true }), { is: "bytes", most: DESK_BYTES });
  assert.deepEqual([takesFiles({}), takesFiles({ images: true })], [false, true]);
});

test("a size is said in the reader's units", () => {
  assert.deepEqual([640, 12_300, 1_540_000, DESK_BYTES].map((bytes) => sized(bytes, "en")), ["640 B", "12 KB", "1.5 MB", "30 MB"]);
  assert.equal(sized(1_540_000, "ru"), "1,5 МБ");
});

test("files go one after the other, with progress, and then with the reply", async () => {
  const desk = new Desk();
  desk.uploads.add("c1", [file("a"), file("b")], SITE);
  assert.deepEqual(desk.states, ["a sending", "b waiting"]);
  desk.progress(0.5);
  assert.deepEqual(desk.uploads.of("c1")[0]?.state, { is: "sending", share: 0.5 });
  assert.equal(isUnderWay(desk.uploads.of("c1")), true);
  desk.finish();
  await settled();
  assert.deepEqual(desk.states, ["a done", "b sending"]);
  desk.finish();
  await settled();
  assert.equal(isUnderWay(desk.uploads.of("c1")), false);
  const taken = desk.uploads.take("c1");
  assert.deepEqual(taken.map((one) => one.attachment_id), ["id of a", "id of b"]);
  assert.deepEqual(desk.states, []);
  desk.uploads.giveBack("c1", taken);
  assert.equal(attachmentsOf(desk.uploads.of("c1")).length, 2);
});

test("one that is taken away is cancelled, and the next one goes", async () => {
  const desk = new Desk();
  desk.uploads.add("c1", [file("a"), file("b")], SITE);
  desk.uploads.remove("c1", desk.uploads.of("c1")[0]!.key);
  desk.progress(0.9);
  assert.deepEqual([desk.cancelled, desk.states], [["a"], ["b sending"]]);
  desk.finish();
  await settled();
  assert.deepEqual(desk.states, ["b done"]);
});

test("one that failed says so, lets the others by, and may be tried again", async () => {
  const desk = new Desk();
  desk.uploads.add("c1", [file("a"), file("b"), file("c", 0)], SITE);
  desk.fail();
  await settled();
  assert.deepEqual(desk.states, ["a failed", "b sending", "c forbidden"]);
  desk.finish();
  await settled();
  desk.uploads.again("c1", desk.uploads.of("c1")[0]!.key);
  desk.finish();
  await settled();
  assert.deepEqual(desk.states, ["a done", "b done", "c forbidden"]);
  assert.deepEqual(desk.begun, ["a", "b", "a"]);
});

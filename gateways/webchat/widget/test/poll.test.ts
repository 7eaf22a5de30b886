import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import type { Frame } from "../src/frames.ts";
import { poll } from "../src/poll.ts";
import type { Wire } from "../src/wire.ts";

interface Asked {
  hello: { last_seq: number | null };
  frames: { t: string; cid?: string }[];
  after?: number;
}

/** A gateway that answers as gateways/webchat/poll.py does; a request that may wait hangs until it is told to end. */
async function gateway(answer: (asked: Asked) => object[] | null) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const one = JSON.parse(body) as Asked;
      asked.push(one);
      const frames = answer(one);
      if (frames) response.end(JSON.stringify({ frames }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, end, url: `http://127.0.0.1:${port}/poll` };
}

/** A link's end of the wire: it knows up to where the mailbox is whole. */
function ears() {
  const heard: Frame[] = [];
  const state = { seq: null as number | null, closed: 0 };
  let wire: Wire | undefined;
  const ends = {
    opened: () => void wire?.send({ t: "hello", last_seq: state.seq }),
    heard: (frame: Frame | undefined) => {
      if (!frame) return;
      heard.push(frame);
      if ("seq" in frame) state.seq = frame.seq;
    },
    closed: () => (state.closed += 1),
  };
  const open = (url: string) => (wire = poll(url, ends));
  return { heard, state, open };
}

async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!done()) {
    assert.ok(Date.now() < end, "in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const welcome = (seq: number, history: object[] = []) => ({ t: "welcome", visitor: "v", token: "t", seq, history });

test("a hanging request is given up for what is sent, and rows come once, as frames of their own", async () => {
  const { asked, end, url } = await gateway((one) => {
    if (one.after === undefined) return [welcome(3)];
    if (one.frames.length) return [welcome(4, [{ seq: 4, text: "new" }]), { t: "ack", cid: "c", id: "i", seq: 5, at: "" }];
    return null;
  });
  const { heard, open } = ears();
  const wire = open(url);
  await until(() => asked.length === 2);
  assert.equal(asked[1]?.after, 3);
  wire.send({ t: "msg", cid: "c" });
  await until(() => heard.length === 3);
  assert.deepEqual(asked[2]?.frames, [{ t: "msg", cid: "c" }]);
  assert.deepEqual(
    heard.map((frame) => frame.t),
    ["welcome", "msg", "ack"],
  );
  await until(() => asked.length === 4);
  assert.equal(asked[3]?.after, 5);
  wire.close();
  end();
});

test("what is written at once goes in one request, in order", async () => {
  const { asked, end, url } = await gateway((one) => (one.after === undefined || one.frames.length ? [welcome(0)] : null));
  const { open } = ears();
  const wire = open(url);
  await until(() => asked.length === 2);
  for (const cid of ["a", "b", "c"]) wire.send({ t: "msg", cid });
  await until(() => asked.length === 3);
  assert.deepEqual(
    asked[2]?.frames.map(({ cid }) => cid),
    ["a", "b", "c"],
  );
  wire.close();
  end();
});

test("who is not let in hears why, and the wire ends", async () => {
  const { end, url } = await gateway(() => [{ t: "err", code: "unknown_site", words: "No." }]);
  const { heard, state, open } = ears();
  open(url);
  await until(() => state.closed === 1);
  assert.deepEqual(heard, [{ t: "err", code: "unknown_site", words: "No." }]);
  end();
});

test("a gateway that is away ends the wire once", async () => {
  const { end, url } = await gateway(() => null);
  end();
  const { state, open } = ears();
  open(url);
  await until(() => state.closed > 0);
  assert.equal(state.closed, 1);
});

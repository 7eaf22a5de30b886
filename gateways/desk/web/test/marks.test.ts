import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../src/contract.ts";
import { type Node, parse, plain } from "../src/marks.ts";

/** The tree in brackets, to be read at a glance. */
function drawn(nodes: readonly Node[]): string {
  return nodes
    .map((node) => {
      if (node.is === "words") return node.text;
      if (node.is === "code") return `<code ${node.text}>`;
      if (node.is === "link") return `<link ${node.text}|${node.address}>`;
      return `<${node.is} ${drawn(node.inside)}>`;
    })
    .join("");
}

test("marks become what they say, one in another too", () => {
  assert.equal(drawn(parse("*Fresh* and _ripe_, ~10~ `9` _*both*_")), "<bold Fresh> and <italic ripe>, <struck 10> <code 9> <italic <bold both>>");
  assert.equal(drawn(parse("*Срочно:* привет")), "<bold Срочно:> привет");
});

test("what only looks like a mark stays the character that it is", () => {
  for (const text of ["2 * 3 * 4", "snake_case_name", "*open", "a*b*c", "* blank *", "one *line\ntwo* lines", "**", "`open"]) {
    assert.equal(drawn(parse(text)), text);
  }
  assert.equal(drawn(parse("`*in code*`")), "<code *in code*>");
});

test("links are of three schemes, and a bare address is one", () => {
  assert.equal(drawn(parse("[shop](https://shop.example/a_(b)?c=_d_)!")), "<link shop|https://shop.example/a_(b)?c=_d_>!");
  assert.equal(drawn(parse("see https://shop.example/x_y_z.")), "see <link https://shop.example/x_y_z|https://shop.example/x_y_z>.");
  assert.equal(drawn(parse("[x](javascript:alert(1))")), "[x](javascript:alert(1))");
});

test("without marks the words stay whole, and addresses stand behind them", () => {
  assert.equal(plain(parse("*A* [b](https://c.example) `d`")), "A b (https://c.example) d");
  assert.equal(textOf({ parts: [{ kind: "text", text: "*A*", format: "marks" }] }), "A");
  assert.equal(textOf({ parts: [{ kind: "text", text: "*A*", format: "plain" }] }), "*A*");
});

test("a hostile text takes no time", () => {
  const began = performance.now();
  parse("*_~".repeat(4000));
  parse("[a](https://x".repeat(2000));
  assert.ok(performance.now() - began < 1000);
});

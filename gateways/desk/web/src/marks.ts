// The neutral formatting of the contract, as the gateways write and read it: *bold*, _italic_, ~struck~, `code` and
// [words](address). A mark without its partner is a plain character, and so is everything in code and in a bare address.

export type Style = "bold" | "italic" | "struck";

export type Node =
  | { readonly is: "words"; readonly text: string }
  | { readonly is: "code"; readonly text: string }
  | { readonly is: "link"; readonly text: string; readonly address: string }
  | { readonly is: Style; readonly inside: readonly Node[] };

interface Span {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
}

type Token = RegExpExecArray & { readonly groups: Record<string, string | undefined> };

const STYLES: Readonly<Record<string, Style>> = { "*": "bold", _: "italic", "~": "struck" };
const ADDRESS = String.raw`(?:https?://|mailto:|tel:)(?:[^\s()<>"\x60]|\([^\s()<>"\x60]*\))+`;
const TOKEN = new RegExp(
  String.raw`\x60(?<code>[^\x60\n]+)\x60` +
    String.raw`|\[(?<words>[^\[\]\n]+)\]\((?<address>${ADDRESS})\)` +
    String.raw`|(?<bare>https?://[^\s<>"]+[^\s<>"*_~.,;:!?)\x60'])` +
    String.raw`|(?<mark>[*_~])` +
    String.raw`|(?<line>\n)`,
  "gi",
);
const LETTER = /[\p{L}\p{N}]/u;
const BLANK = /\s/u;

/** The tree of a text. */
export function parse(text: string): readonly Node[] {
  const tokens = [...text.matchAll(TOKEN)] as Token[];
  return build(text, tokens, pairs(text, tokens), { first: 0, last: tokens.length, start: 0, end: text.length });
}

/** Its words without the marks; an address stands behind its words. */
export function plain(nodes: readonly Node[]): string {
  return nodes.map(plainOf).join("");
}

function plainOf(node: Node): string {
  if (node.is === "words" || node.is === "code") return node.text;
  if (node.is === "link") return node.text === node.address ? node.text : `${node.text} (${node.address})`;
  return plain(node.inside);
}

/** Which token closes which, both by number; well nested, and in one line. */
function pairs(text: string, tokens: readonly Token[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let opened: { mark: string; number: number }[] = [];
  for (const [number, token] of tokens.entries()) {
    const mark = token.groups["mark"];
    if (token.groups["line"] !== undefined) opened = [];
    if (mark === undefined) continue;
    const at = opened.findIndex((one) => one.mark === mark);
    const other = opened[at];
    if (other !== undefined && closes(text, token.index) && token.index > tokens[other.number]!.index + 1) {
      found.set(other.number, number);
      opened = opened.slice(0, at);
    } else if (opens(text, token.index)) {
      opened = [...opened.filter((one) => one.mark !== mark), { mark, number }];
    }
  }
  return found;
}

function opens(text: string, at: number): boolean {
  const after = text.charAt(at + 1);
  return !LETTER.test(text.charAt(at - 1)) && after !== "" && !BLANK.test(after);
}

function closes(text: string, at: number): boolean {
  return !BLANK.test(text.charAt(at - 1)) && !LETTER.test(text.charAt(at + 1));
}

function build(text: string, tokens: readonly Token[], partners: ReadonlyMap<number, number>, span: Span): readonly Node[] {
  const nodes: Node[] = [];
  let at = span.start;
  for (let number = span.first; number < span.last; ) {
    const token = tokens[number]!;
    const partner = partners.get(number);
    const closing = partner === undefined ? undefined : tokens[partner];
    const node = closing === undefined ? single(token) : styled(text, tokens, partners, number, partner!);
    number = (partner ?? number) + 1;
    if (node === null) continue;
    words(nodes, text.slice(at, token.index));
    nodes.push(node);
    at = closing === undefined ? token.index + token[0].length : closing.index + 1;
  }
  words(nodes, text.slice(at, span.end));
  return nodes;
}

function single(token: Token): Node | null {
  const { code, words: text, address, bare } = token.groups;
  if (code !== undefined) return { is: "code", text: code };
  if (address !== undefined) return { is: "link", text: text ?? address, address };
  return bare === undefined ? null : { is: "link", text: bare, address: bare };
}

function styled(
  text: string,
  tokens: readonly Token[],
  partners: ReadonlyMap<number, number>,
  first: number,
  last: number,
): Node {
  const span = { first: first + 1, last, start: tokens[first]!.index + 1, end: tokens[last]!.index };
  return { is: STYLES[tokens[first]![0]]!, inside: build(text, tokens, partners, span) };
}

function words(nodes: Node[], text: string): void {
  if (text !== "") nodes.push({ is: "words", text });
}

// Words with their formatting, as the client or a bot wrote them: elements made here, never markup that came.

import type { Node, Style } from "../marks.ts";

const TAGS: Readonly<Record<Style, "b" | "i" | "s">> = { bold: "b", italic: "i", struck: "s" };

export function MarkedText({ nodes }: { nodes: readonly Node[] }) {
  return nodes.map((node, index) => <Piece key={index} node={node} />);
}

function Piece({ node }: { node: Node }) {
  switch (node.is) {
    case "words":
      return <>{node.text}</>;
    case "code":
      return <code>{node.text}</code>;
    case "link":
      return (
        <a href={node.address} target="_blank" rel="noopener noreferrer" title={node.address}>
          {node.text}
        </a>
      );
    default: {
      const Tag = TAGS[node.is];
      return (
        <Tag>
          <MarkedText nodes={node.inside} />
        </Tag>
      );
    }
  }
}

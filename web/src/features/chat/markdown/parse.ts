import type { Nodes, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";

export type Leaf = Extract<RootContent, { type: "text" | "inlineCode" | "code" | "html" | "image" }>;

/** Markdown (CommonMark with tables, strike-through and bare links) as a tree whose nodes know their source offsets. */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, {
    extensions: [gfmTable(), gfmStrikethrough({ singleTilde: false }), gfmAutolinkLiteral()],
    mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown(), gfmAutolinkLiteralFromMarkdown()],
  });
}

const leafTypes = new Set(["text", "inlineCode", "code", "html", "image"]);

export const isLeaf = (node: Nodes): node is Leaf => leafTypes.has(node.type);

/** Everything that is drawn as characters, in reading order. */
export function leavesOf(node: Nodes, into: Leaf[] = []): Leaf[] {
  if (isLeaf(node)) into.push(node);
  else if ("children" in node) for (const child of node.children) leavesOf(child, into);
  return into;
}

/** The source span of a node, in UTF-16 units; autolinked text that the parser cut by itself has none. */
export function spanOf(node: Nodes): { start: number; end: number } | null {
  const start = node.position?.start.offset;
  const end = node.position?.end.offset;
  return start === undefined || end === undefined ? null : { start, end };
}

/** The text without its Markdown signs, on one line. */
export const plainText = (text: string): string =>
  leavesOf(parseMarkdown(text))
    .map((leaf) => (leaf.type === "image" ? (leaf.alt ?? "") : leaf.value))
    .join("")
    .replaceAll(/\s+/gu, " ")
    .trim();

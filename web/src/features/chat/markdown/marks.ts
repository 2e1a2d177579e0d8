import type { Root } from "mdast";
import { leavesOf, spanOf, type Leaf } from "./parse";

/** A stretch of the source that is drawn in its own way, such as a sentence. UTF-16 offsets, in order, disjoint. */
export type Mark = { start: number; end: number };

/** Part of a leaf's text: which mark it belongs to, and which marks have their last character in it. */
export type Piece = { text: string; mark: number | null; closes: number | null };

/** Says how each leaf of a tree is cut by the marks. Marks without a leaf (hidden syntax) vanish. */
export class MarkedLeaves {
  private readonly lastLeaf = new Map<number, Leaf>();
  private readonly spans = new Map<Leaf, { start: number; end: number }>();
  readonly finalLeaf: Leaf | null;

  constructor(
    root: Root,
    private readonly source: string,
    private readonly marks: readonly Mark[],
  ) {
    const leaves = leavesOf(root);
    this.finalLeaf = leaves.at(-1) ?? null;
    for (const leaf of leaves) this.place(leaf);
  }

  private place(leaf: Leaf) {
    const span = spanOf(leaf);
    if (!span) return;
    this.spans.set(leaf, span);
    this.marks.forEach((mark, index) => {
      if (mark.start < span.end && mark.end > span.start) this.lastLeaf.set(index, leaf);
    });
  }

  /** The marks that end in this leaf, for leaves that are drawn whole (code, images). */
  closedBy(leaf: Leaf): number[] {
    return this.marks.flatMap((_, index) => (this.lastLeaf.get(index) === leaf ? [index] : []));
  }

  /** The mark that covers the start of a leaf that is drawn whole. */
  markOf(leaf: Leaf): number | null {
    const span = this.spans.get(leaf);
    if (!span) return null;
    const found = this.marks.findIndex((mark) => mark.start < span.end && mark.end > span.start);
    return found < 0 ? null : found;
  }

  /** A text leaf cut at the borders of marks. */
  pieces(leaf: Leaf & { type: "text" }): Piece[] {
    const span = this.spans.get(leaf);
    if (!span) return [{ text: leaf.value, mark: null, closes: null }];
    const at = valueOffsets(leaf.value, this.source.slice(span.start, span.end));
    const pieces: Piece[] = [];
    let done = 0;
    const push = (until: number, mark: number | null, closes: number | null) => {
      if (until > done || closes !== null) pieces.push({ text: leaf.value.slice(done, until), mark, closes });
      done = Math.max(done, until);
    };
    this.marks.forEach((mark, index) => {
      if (mark.start >= span.end || mark.end <= span.start) return;
      push(at(Math.max(0, mark.start - span.start)), null, null);
      const closes = this.lastLeaf.get(index) === leaf ? index : null;
      push(at(Math.min(span.end, mark.end) - span.start), index, closes);
    });
    push(leaf.value.length, null, null);
    return pieces;
  }
}

/**
 * A function from offsets of a leaf's source to offsets of its value.
 *
 * The two differ where the source escapes a character, writes it as an entity, or indents a continued line.
 */
function valueOffsets(value: string, source: string): (offset: number) => number {
  if (value.length === source.length) return (offset) => Math.min(offset, value.length);
  const map: number[] = [];
  let v = 0;
  let s = 0;
  while (s < source.length) {
    const entity = source[s] === value[v] ? null : /^&(?:#x?[\da-f]+|\w+);/iu.exec(source.slice(s, s + 40));
    if (entity) {
      for (const _ of entity[0]) map.push(v);
      s += entity[0].length;
      v += 1;
    } else {
      map.push(v);
      if (source[s] === value[v]) v += 1;
      s += 1;
    }
  }
  return (offset) => map[offset] ?? value.length;
}

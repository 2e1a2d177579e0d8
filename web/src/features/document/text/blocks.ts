import type { TextRange } from "@/api/types";
import { CodePointIndex } from "@/api/codePoints";

/** A piece of text with its place in the document. */
export type Run = { start: number; text: string };

export type Block =
  | ({ kind: "heading"; level: number } & Run)
  | ({ kind: "paragraph" | "quote" | "code" } & Run)
  | ({ kind: "list_item"; depth: number } & Run)
  | { kind: "table"; start: number; rows: TableRow[] }
  | { kind: "divider"; start: number; unit: "page" | "slide" | "sheet"; number: number };

export type TableRow = { header: boolean; cells: Run[] };

type LeafKind = "heading" | "paragraph" | "list_item" | "table" | "code" | "quote";
const leafKinds = new Set<string>(["heading", "paragraph", "list_item", "table", "code", "quote"]);
const dividerKinds = new Set<string>(["page", "slide", "sheet"]);
const CELL_BORDER = " | ";

/** A run of canonical text with the ranges that touch it; ranges may reach beyond the run. */
export type TextWindow = { start: number; text: string; ranges: readonly TextRange[] };

/**
 * Arranges a window of canonical text as the blocks that a page shows, in reading order.
 *
 * Text that no range covers becomes paragraphs at its blank lines, so nothing of the document is left out, and only
 * white space between blocks is dropped. Of ranges within each other the outer one decides.
 */
export function buildBlocks(window: TextWindow): Block[] {
  const source = new Source(window);
  const leaves = outermost(window.ranges.filter((range) => leafKinds.has(range.kind) && source.touches(range)));
  const blocks: Block[] = [];
  let at = window.start;
  for (const leaf of leaves) {
    const start = Math.max(leaf.start, at);
    blocks.push(...looseParagraphs(source, at, start), ...leafBlock(source, leaf, start));
    at = Math.max(at, Math.min(leaf.end, source.end));
  }
  blocks.push(...looseParagraphs(source, at, source.end));
  return withDividers(blocks, window, source);
}

class Source {
  readonly end: number;
  private readonly index: CodePointIndex;

  constructor(readonly window: TextWindow) {
    this.index = new CodePointIndex(window.text);
    this.end = window.start + this.index.length;
  }

  touches(range: { start: number; end: number }): boolean {
    return range.end > this.window.start && range.start < this.end && range.end > range.start;
  }

  slice(start: number, end: number): string {
    const { window, index } = this;
    return window.text.slice(index.toUtf16(start - window.start), index.toUtf16(end - window.start));
  }

  /** The run between two positions without the white space around it. */
  run(start: number, end: number): Run | null {
    const from = Math.max(start, this.window.start);
    const raw = this.slice(from, Math.min(end, this.end));
    const lead = raw.length - raw.trimStart().length;
    const text = raw.trim();
    return text ? { start: from + lead, text } : null;
  }
}

function outermost(ranges: readonly TextRange[]): TextRange[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: TextRange[] = [];
  let end = -1;
  for (const range of sorted) {
    if (range.start < end) continue;
    kept.push(range);
    end = range.end;
  }
  return kept;
}

function leafBlock(source: Source, leaf: TextRange, start: number): Block[] {
  const kind = leaf.kind as LeafKind;
  if (kind === "table") return [{ kind, start, rows: tableRows(source, start, leaf.end) }];
  if (kind === "code") return codeBlock(source, start, leaf.end);
  const run = source.run(start, leaf.end);
  if (!run) return [];
  if (kind === "heading") return [{ kind, level: clampLevel(leaf.level), ...run }];
  if (kind === "list_item") return [{ kind, depth: clampLevel(leaf.level), ...run }];
  return [{ kind, ...run }];
}

const clampLevel = (level: number): number => Math.min(6, Math.max(1, level || 1));

/** Indentation is part of code, so only blank lines around it go. */
function codeBlock(source: Source, start: number, end: number): Block[] {
  const raw = source.slice(start, Math.min(end, source.end));
  const lead = /^(?:[^\S\n]*\n)*/u.exec(raw)?.[0].length ?? 0;
  const text = raw.slice(lead).trimEnd();
  return text ? [{ kind: "code", start: start + lead, text }] : [];
}

/** One row a line; a row is a header where a range says so (level 1). */
function tableRows(source: Source, start: number, end: number): TableRow[] {
  const headers = source.window.ranges.filter((range) => range.kind === "table_row" && range.level === 1);
  return lineRuns(source, start, Math.min(end, source.end)).map((line) => ({
    header: headers.some((range) => range.start <= line.start && line.start < range.end),
    cells: splitCells(line),
  }));
}

function lineRuns(source: Source, start: number, end: number): Run[] {
  if (end <= start) return [];
  const runs: Run[] = [];
  let at = start;
  for (const line of source.slice(start, end).split("\n")) {
    const length = Array.from(line).length;
    const run = source.run(at, at + length);
    if (run) runs.push(run);
    at += length + 1;
  }
  return runs;
}

function splitCells(row: Run): Run[] {
  const cells: Run[] = [];
  let at = row.start;
  for (const text of row.text.split(CELL_BORDER)) {
    const trimmed = text.trim();
    cells.push({ start: at + Array.from(text.slice(0, text.length - text.trimStart().length)).length, text: trimmed });
    at += Array.from(text).length + CELL_BORDER.length;
  }
  return cells;
}

function looseParagraphs(source: Source, start: number, end: number): Block[] {
  if (end <= start) return [];
  const text = source.slice(start, end);
  const blocks: Block[] = [];
  let at = start;
  for (const piece of text.split(/(\n[^\S\n]*\n\s*)/u)) {
    const length = Array.from(piece).length;
    const run = source.run(at, at + length);
    if (run) blocks.push({ kind: "paragraph", ...run });
    at += length;
  }
  return blocks;
}

/** Puts a line before the first block of each page, slide or sheet that begins within the window. */
function withDividers(blocks: Block[], window: TextWindow, source: Source): Block[] {
  const dividers = window.ranges
    .filter((range) => dividerKinds.has(range.kind) && range.start >= window.start && range.start < source.end)
    .sort((a, b) => a.start - b.start);
  if (dividers.length === 0) return blocks;
  const merged: Block[] = [];
  let next = 0;
  for (const block of blocks) {
    for (let divider = dividers[next]; divider && divider.start <= block.start; divider = dividers[next]) {
      merged.push(dividerBlock(divider));
      next += 1;
    }
    merged.push(block);
  }
  return withoutRepeats([...merged, ...dividers.slice(next).map(dividerBlock)]);
}

/** A page on both sides of a part border is listed in both parts; it is one page. */
function withoutRepeats(blocks: Block[]): Block[] {
  const seen = new Set<string>();
  return blocks.filter((block) => {
    if (block.kind !== "divider") return true;
    const name = `${block.unit} ${block.number}`;
    return !seen.has(name) && Boolean(seen.add(name));
  });
}

const dividerBlock = (range: TextRange): Block => ({
  kind: "divider",
  start: range.start,
  unit: range.kind as "page" | "slide" | "sheet",
  number: range.level,
});

const PIECE = 2_000;
const LONGEST_LINE = 1_000;

/**
 * Cuts a long run at line ends, about every 2,000 code points of the document.
 *
 * The cuts depend on places in the document, not on where the run begins: when text is loaded before a run that was
 * cut in two by the edge of the window, the pieces after it stay the same. Line ends at the cuts are dropped.
 */
export function splitRun(run: Run): Run[] {
  const index = new CodePointIndex(run.text);
  if (index.length <= PIECE) return [run];
  const pieces: Run[] = [];
  let from = 0;
  for (let mark = PIECE - (run.start % PIECE); mark < index.length; mark += PIECE) {
    const at = index.toUtf16(mark);
    const line = run.text.indexOf("\n", at);
    if (line < 0 || line - at > LONGEST_LINE || line < from) continue;
    pieces.push({ start: run.start + index.toCodePoint(from), text: run.text.slice(from, line) });
    from = line + 1;
  }
  pieces.push({ start: run.start + index.toCodePoint(from), text: run.text.slice(from) });
  return pieces.filter((piece) => piece.text !== "");
}

const WRAPPED_LINE = 45;
const CONTINUING_SHARE = 0.3;

/**
 * Whether line ends within a paragraph are mere wrapping at a column, to be reflowed, or meant (an address, a log).
 *
 * Wrapped lines are long, and many go on in the middle of a sentence: with a small letter, or in a script without.
 */
export function isWrapped(text: string): boolean {
  const lines = text.split("\n");
  if (lines.length === 1) return true;
  const full = lines.slice(0, -1);
  const later = lines.slice(1);
  const long = full.reduce((sum, line) => sum + line.length, 0) / full.length >= WRAPPED_LINE;
  const continuing = later.filter((line) => /^\s*[\p{Ll}\p{Lo}]/u.test(line)).length;
  return long && continuing >= CONTINUING_SHARE * later.length;
}

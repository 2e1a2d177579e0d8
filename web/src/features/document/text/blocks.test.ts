import { describe, expect, it } from "vitest";
import type { RangeKind, TextRange } from "@/api/types";
import { buildBlocks, isWrapped, splitRun, type Block } from "./blocks";

const range = (kind: RangeKind, start: number, end: number, level = 0): TextRange => ({ kind, start, end, level });

/** Finds each piece in the text, so that a test reads without counting. */
function mark(text: string, pieces: [RangeKind, string, number?][], offset = 0): TextRange[] {
  return pieces.map(([kind, piece, level]) => {
    const at = Array.from(text.slice(0, text.indexOf(piece))).length + offset;
    return range(kind, at, at + Array.from(piece).length, level);
  });
}

const texts = (blocks: Block[]) => blocks.map((block) => ("text" in block ? block.text : block.kind));

describe("buildBlocks", () => {
  it("makes headings, paragraphs and list items of their ranges", () => {
    const text = "Bolts\n\nTighten in two passes.\n\n- first\n- second\n";
    const ranges = mark(text, [
      ["heading", "Bolts", 2],
      ["paragraph", "Tighten in two passes."],
      ["list_item", "- first", 1],
      ["list_item", "- second", 2],
    ]);
    const blocks = buildBlocks({ start: 0, text, ranges });
    expect(blocks.map((block) => block.kind)).toEqual(["heading", "paragraph", "list_item", "list_item"]);
    expect(blocks[0]).toMatchObject({ level: 2, text: "Bolts", start: 0 });
  });

  it("shows text that no range covers, as paragraphs at blank lines", () => {
    const blocks = buildBlocks({ start: 0, text: "one\nstill one\n\n\ntwo\n", ranges: [] });
    expect(texts(blocks)).toEqual(["one\nstill one", "two"]);
    expect(blocks[1]?.start).toBe(16);
  });

  it("keeps offsets absolute in a window from the middle, emoji included", () => {
    const text = "😀 tail\n\nHead\n\nbody";
    const blocks = buildBlocks({ start: 1000, text, ranges: mark(text, [["heading", "Head", 1]], 1000) });
    expect(blocks.map((block) => block.start)).toEqual([1000, 1008, 1014]);
  });

  it("cuts a range that reaches over the window's edges", () => {
    const blocks = buildBlocks({ start: 50, text: "half a paragraph", ranges: [range("paragraph", 10, 500)] });
    expect(blocks).toEqual([{ kind: "paragraph", start: 50, text: "half a paragraph" }]);
  });

  it("splits the rows of a table into cells with their own places", () => {
    const text = "Bolt | First | Final\nM24 | 170 | 340";
    const ranges = mark(text, [
      ["table", text],
      ["table_row", "Bolt | First | Final", 1],
    ]);
    const [table] = buildBlocks({ start: 0, text, ranges });
    expect(table).toMatchObject({ kind: "table" });
    if (table?.kind !== "table") return;
    expect(table.rows.map((row) => row.cells.map((cell) => cell.text))).toEqual([
      ["Bolt", "First", "Final"],
      ["M24", "170", "340"],
    ]);
    expect(table.rows.map((row) => row.header)).toEqual([true, false]);
    expect(table.rows[1]?.cells[2]).toEqual({ start: text.indexOf("340"), text: "340" });
  });

  it("shows a page once that two parts list", () => {
    const text = "first half\n\nsecond half";
    const ranges = [range("page", 0, 12, 7), range("page", 12, text.length, 7)];
    const blocks = buildBlocks({ start: 0, text, ranges });
    expect(blocks.filter((block) => block.kind === "divider")).toHaveLength(1);
  });

  it("keeps the indentation of code", () => {
    const text = "\n    if ready:\n        go()\n";
    const [code] = buildBlocks({ start: 0, text, ranges: [range("code", 0, text.length)] });
    expect(code).toEqual({ kind: "code", start: 1, text: "    if ready:\n        go()" });
  });

  it("lets the outer of two nested ranges decide", () => {
    const text = "quoted words";
    const ranges = [range("quote", 0, 12), range("paragraph", 0, 12)];
    expect(buildBlocks({ start: 0, text, ranges })).toEqual([{ kind: "quote", start: 0, text }]);
  });

  it("puts a line where a page begins", () => {
    const text = "end of one\n\nstart of two";
    const ranges = [range("page", 0, 12, 1), range("page", 12, text.length, 2)];
    const blocks = buildBlocks({ start: 0, text, ranges });
    expect(blocks.map((block) => (block.kind === "divider" ? block.number : block.kind))).toEqual([
      1,
      "paragraph",
      2,
      "paragraph",
    ]);
  });

  it("draws no markup from the text: it stays text", () => {
    const text = "<img src=x onerror=alert(1)>";
    expect(texts(buildBlocks({ start: 0, text, ranges: [] }))).toEqual([text]);
  });
});

describe("splitRun", () => {
  const log = Array.from({ length: 400 }, (_, at) => `line ${at} 😀 of a log`).join("\n");

  it("leaves a short run whole", () => {
    expect(splitRun({ start: 7, text: "short" })).toEqual([{ start: 7, text: "short" }]);
  });

  it("cuts at line ends and joins to the text again", () => {
    const pieces = splitRun({ start: 0, text: log });
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.map((piece) => piece.text).join("\n")).toBe(log);
    const points = Array.from(log);
    for (const piece of pieces)
      expect(points.slice(piece.start, piece.start + Array.from(piece.text).length).join("")).toBe(piece.text);
  });

  it("cuts at the same places of the document wherever the run begins", () => {
    const whole = splitRun({ start: 0, text: log });
    const tail = splitRun({ start: 1234, text: Array.from(log).slice(1234).join("") });
    expect(tail.slice(1)).toEqual(whole.slice(-(tail.length - 1)));
  });

  it("does not cut within a line that has no end nearby", () => {
    expect(splitRun({ start: 0, text: "x".repeat(9000) })).toHaveLength(1);
  });
});

describe("isWrapped", () => {
  it("takes long lines for wrapping and short ones as meant", () => {
    const long = "A paragraph that was wrapped at about eighty columns by\nwhoever wrote it down";
    expect(isWrapped(long)).toBe(true);
    expect(isWrapped("12 High Street\nNorthgate\nNG1 2AB")).toBe(false);
  });

  it("takes long lines that each begin afresh as meant: a log", () => {
    const line = "2026-11-20 12:00:00 INFO worker 3 took 1.2 s over a document of 118 pages";
    expect(isWrapped(Array.from({ length: 9 }, () => line).join("\n"))).toBe(false);
  });
});

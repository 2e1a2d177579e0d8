import { describe, expect, it } from "vitest";
import type { DiffLine } from "@/api/types";
import { linesBetween, shownLines, type ShownLine } from "./diff";

const same = (text: string, before: number, after = before): DiffLine => ({ kind: "same", text, before, after, spans: [] });
const removed = (text: string, before: number, spans: [number, number][] = []): DiffLine => ({
  kind: "removed",
  text,
  before,
  after: null,
  spans,
});
const added = (text: string, after: number, spans: [number, number][] = []): DiffLine => ({
  kind: "added",
  text,
  before: null,
  after,
  spans,
});

/** "same[-gone-]{+come+}" */
const drawn = (line: ShownLine) =>
  line.pieces
    .map(({ kind, text }) => (kind === "removed" ? `[-${text}-]` : kind === "added" ? `{+${text}+}` : text))
    .join("");

describe("shownLines", () => {
  it("puts the words that changed in one line, each in its place", () => {
    const lines = shownLines([
      same("# Leave", 1),
      removed("The notice period is six weeks.", 2, [[21, 24]]),
      added("The notice period is eight weeks from today.", 2, [
        [21, 26],
        [32, 43],
      ]),
    ]);
    expect(lines.map((line) => [line.kind, drawn(line)])).toEqual([
      ["same", "# Leave"],
      ["mixed", "The notice period is [-six-]{+eight+} weeks{+ from today+}."],
    ]);
    expect([lines[1]?.before, lines[1]?.after]).toEqual([2, 2]);
  });

  it("reads words replaced one after the other as a phrase", () => {
    const [line] = shownLines([
      removed("Give eight weeks of notice", 1, [[5, 10], [11, 16]]),
      added("Give two months of notice", 1, [[5, 8], [9, 15]]),
    ]);
    expect(drawn(line as ShownLine)).toBe("Give [-eight weeks-]{+two months+} of notice");
  });

  it("counts code points, not the halves of a pair", () => {
    const [line] = shownLines([removed("👩‍🚀 six weeks", 1, [[4, 7]]), added("👩‍🚀 ten weeks", 1, [[4, 7]])]);
    expect(drawn(line as ShownLine)).toBe("👩‍🚀 [-six-]{+ten+} weeks");
  });

  it("keeps lines with little in common apart, the old ones first", () => {
    const lines = shownLines([removed("Monday", 1), removed("Tuesday", 2), added("Closed for good", 1), added("Sorry", 2)]);
    expect(lines.map((line) => line.kind)).toEqual(["removed", "removed", "added", "added"]);
  });

  it("shows lines that were only added or only removed", () => {
    expect(shownLines([same("a", 1), added("b", 2), same("c", 2, 3), removed("d", 3)]).map((line) => line.kind)).toEqual([
      "same",
      "added",
      "same",
      "removed",
    ]);
  });

  it("keeps pairs apart when asked to", () => {
    const lines = shownLines([removed("six weeks", 1, [[0, 3]]), added("ten weeks", 1, [[0, 3]])], true);
    expect(lines.map((line) => [line.kind, drawn(line)])).toEqual([
      ["removed", "[-six-] weeks"],
      ["added", "{+ten+} weeks"],
    ]);
  });

  it("loses no text of either version, whatever the spans", () => {
    const old = "a b c d e";
    const young = "x b c y z e f";
    const [line] = shownLines([
      removed(old, 1, [[0, 1], [6, 7]]),
      added(young, 1, [[0, 1], [6, 9], [11, 13]]),
    ]);
    const without = (kind: string) => line?.pieces.filter((piece) => piece.kind !== kind).map((piece) => piece.text).join("");
    expect([without("added"), without("removed")]).toEqual([old, young]);
  });
});

describe("linesBetween", () => {
  it("counts what is left out before and between hunks", () => {
    expect(linesBetween(undefined, [same("x", 5, 5)])).toBe(4);
    expect(linesBetween([same("x", 5, 5), added("y", 6)], [same("z", 20, 21)])).toBe(14);
  });
});

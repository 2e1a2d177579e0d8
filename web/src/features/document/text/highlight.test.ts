import { describe, expect, it } from "vitest";
import { segments } from "./highlight";

describe("segments", () => {
  it("returns the text whole where nothing is marked", () => {
    expect(segments("plain", 10, [{ start: 0, end: 10, tone: "on" }])).toEqual([
      { start: 10, text: "plain", tone: null },
    ]);
  });

  it("cuts at the exact span", () => {
    const pieces = segments("The torque is 340 N·m.", 100, [{ start: 114, end: 121, tone: "on" }]);
    expect(pieces.map((piece) => [piece.text, piece.tone])).toEqual([
      ["The torque is ", null],
      ["340 N·m", "on"],
      [".", null],
    ]);
  });

  it("counts code points, so an emoji before the span moves nothing", () => {
    const pieces = segments("😀😀 yes", 0, [{ start: 3, end: 6, tone: "on" }]);
    expect(pieces.at(-1)).toEqual({ start: 3, text: "yes", tone: "on" });
  });

  it("keeps the passage whole where a paler one overlaps it", () => {
    const pieces = segments("abcdef", 0, [
      { start: 1, end: 4, tone: "dim" },
      { start: 2, end: 6, tone: "on" },
    ]);
    expect(pieces.map((piece) => [piece.text, piece.tone])).toEqual([
      ["a", null],
      ["b", "dim"],
      ["cdef", "on"],
    ]);
  });

  it("marks what of a long span falls into this text", () => {
    expect(segments("middle", 50, [{ start: 0, end: 500, tone: "on" }])).toEqual([
      { start: 50, text: "middle", tone: "on" },
    ]);
  });

  it("joins to the text again", () => {
    const text = "naïve 😀 text | with | cells";
    const marks = [3, 7, 11].map((start) => ({ start, end: start + 5, tone: "dim" as const }));
    expect(segments(text, 0, marks).map((piece) => piece.text).join("")).toBe(text);
  });
});

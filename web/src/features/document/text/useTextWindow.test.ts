import { describe, expect, it } from "vitest";
import { joinTexts, trim, type LoadedText } from "./useTextWindow";

const piece = (start: number, text: string, ranges: LoadedText["ranges"] = []): LoadedText => ({
  start,
  end: start + Array.from(text).length,
  chars: 1000,
  text,
  ranges,
});

describe("joinTexts", () => {
  it("joins runs in the order of the document, whichever came first", () => {
    const joined = joinTexts(piece(5, "world"), piece(0, "hello"));
    expect(joined).toMatchObject({ start: 0, end: 10, text: "helloworld" });
  });

  it("keeps a range once that both runs list", () => {
    const range = { kind: "code" as const, start: 3, end: 8, level: 0 };
    expect(joinTexts(piece(0, "hello", [range]), piece(5, "world", [range])).ranges).toEqual([range]);
  });

  it("does not join across a gap", () => {
    const first = piece(0, "hello");
    expect(joinTexts(first, piece(9, "later"))).toBe(first);
  });
});

describe("trim", () => {
  it("drops the beginning after growing at the end, counting code points", () => {
    expect(trim(piece(100, "😀😀abc"), "after", 4)).toMatchObject({ start: 101, end: 105, text: "😀abc" });
  });

  it("drops the end after growing at the beginning", () => {
    expect(trim(piece(100, "abc😀😀"), "before", 4)).toMatchObject({ start: 100, end: 104, text: "abc😀" });
  });

  it("leaves a short text alone", () => {
    const text = piece(0, "short");
    expect(trim(text, "after", 50)).toBe(text);
  });
});

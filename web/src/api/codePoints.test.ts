import { describe, expect, it } from "vitest";
import { CodePointIndex, countCodePoints, sliceCodePoints } from "./codePoints";

describe("CodePointIndex", () => {
  it("is the identity where every code point is one unit", () => {
    const index = new CodePointIndex("naïve café");
    expect(index.toUtf16(7)).toBe(7);
    expect(index.toCodePoint(7)).toBe(7);
  });

  it("skips the second half of a surrogate pair", () => {
    const index = new CodePointIndex("a😀b𝄞c");
    expect(index.length).toBe(5);
    expect([0, 1, 2, 3, 4, 5].map((at) => index.toUtf16(at))).toEqual([0, 1, 3, 4, 6, 7]);
    expect([0, 1, 3, 4, 6, 7].map((at) => index.toCodePoint(at))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("agrees with Array.from far into a long text", () => {
    const text = "x😀".repeat(3000);
    const index = new CodePointIndex(text);
    const points = Array.from(text);
    for (const at of [0, 511, 512, 513, 2999, 5999, 6000]) {
      expect(index.toUtf16(at)).toBe(points.slice(0, at).join("").length);
      expect(index.toCodePoint(index.toUtf16(at))).toBe(at);
    }
  });

  it("clamps positions outside the text", () => {
    const index = new CodePointIndex("ab😀");
    expect(index.toUtf16(-3)).toBe(0);
    expect(index.toUtf16(99)).toBe(4);
    expect(index.toCodePoint(99)).toBe(3);
  });

  it("counts an emoji as one", () => {
    expect(countCodePoints("👋 hello")).toBe(7);
  });
});

describe("a slice by code points", () => {
  it("never cuts a character in two", () => {
    expect(sliceCodePoints("a😀b", 1, 2)).toBe("😀");
    expect(sliceCodePoints("a😀b", 2)).toBe("b");
    expect(sliceCodePoints("plain", 1, 3)).toBe("la");
  });
});

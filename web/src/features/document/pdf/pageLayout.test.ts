import { describe, expect, it } from "vitest";
import { anchorAt, anchorY, layoutPages, pageAt, pagesInView, PAGE_GAP } from "./pageLayout";

const layout = layoutPages(4, 100, 1.5, new Map([[2, 0.5]]));

describe("layoutPages", () => {
  it("stacks pages of known and of usual height", () => {
    expect([...layout.heights]).toEqual([150, 50, 150, 150]);
    expect(layout.tops[2]).toBe(150 + PAGE_GAP + 50 + PAGE_GAP);
    expect(layout.total).toBe(500 + 3 * PAGE_GAP);
  });
});

describe("pageAt", () => {
  it("finds the page at a height, and the upper one in a gap", () => {
    expect(pageAt(layout, 0)).toBe(1);
    expect(pageAt(layout, 150 + PAGE_GAP / 2)).toBe(1);
    expect(pageAt(layout, 150 + PAGE_GAP)).toBe(2);
    expect(pageAt(layout, 99_999)).toBe(4);
  });
});

describe("an anchor", () => {
  it("returns to its place after the width changed", () => {
    const anchor = anchorAt(layout, 245);
    const wider = layoutPages(4, 200, 1.5, new Map([[2, 0.5]]));
    expect(anchorAt(wider, anchorY(wider, anchor))).toEqual(anchor);
    expect(anchorY(layout, anchor)).toBe(245);
  });
});

describe("pagesInView", () => {
  it("draws what is in view and one page more at either end", () => {
    expect(pagesInView(layout, 160, 70)).toEqual([1, 2, 3]);
    expect(pagesInView(layout, 0, 10)).toEqual([1, 2]);
    expect(pagesInView(layoutPages(0, 100, 1, new Map()), 0, 10)).toEqual([]);
  });
});

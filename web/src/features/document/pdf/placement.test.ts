import { describe, expect, it } from "vitest";
import type { PageRectangles } from "@/api/types";
import { extent, placeRectangles } from "./placement";

const page = (rectangles: PageRectangles["rectangles"]): PageRectangles => ({
  page: 42,
  width: 600,
  height: 800,
  rectangles,
});

describe("placeRectangles", () => {
  it("gives places in percent of the page", () => {
    const boxes = placeRectangles(page([{ x: 60, y: 200, width: 300, height: 16 }]));
    expect(boxes).toEqual([{ left: 10, top: 25, width: 50, height: 2 }]);
  });

  it("joins the words of a line to one box", () => {
    const boxes = placeRectangles(
      page([
        { x: 60, y: 100, width: 30, height: 10 },
        { x: 94, y: 100.5, width: 40, height: 10 },
        { x: 60, y: 114, width: 50, height: 10 },
      ]),
    );
    expect(boxes).toHaveLength(2);
    expect(boxes[0]?.width).toBeCloseTo((100 * 74) / 600);
  });

  it("keeps columns on the same height apart", () => {
    const boxes = placeRectangles(
      page([
        { x: 60, y: 100, width: 200, height: 10 },
        { x: 320, y: 100, width: 200, height: 10 },
      ]),
    );
    expect(boxes).toHaveLength(2);
  });

  it("cuts off what lies outside the page and drops what is empty", () => {
    const boxes = placeRectangles(
      page([
        { x: -30, y: 790, width: 90, height: 30 },
        { x: 10, y: 10, width: 0, height: 12 },
      ]),
    );
    expect(boxes).toEqual([{ left: 0, top: 98.75, width: 10, height: 1.25 }]);
  });

  it("survives a page without a size", () => {
    expect(placeRectangles({ ...page([{ x: 1, y: 1, width: 1, height: 1 }]), width: 0 })).toEqual([]);
  });
});

describe("extent", () => {
  it("spans from the first line's top to the last line's foot", () => {
    const boxes = placeRectangles(
      page([
        { x: 60, y: 80, width: 300, height: 16 },
        { x: 60, y: 104, width: 120, height: 16 },
      ]),
    );
    expect(extent(boxes)).toEqual({ top: 10, bottom: 15 });
    expect(extent([])).toBeNull();
  });
});

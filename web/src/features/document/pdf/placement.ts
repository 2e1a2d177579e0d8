import type { PageRectangles } from "@/api/types";

/** A box on a page in percent of the page's width and height, so that it holds at every zoom. */
export type Box = { left: number; top: number; width: number; height: number };

type Rectangle = PageRectangles["rectangles"][number];

/**
 * Turns the rectangles of a passage (PDF points, origin top left) into boxes, one for each stretch of a line.
 *
 * Rectangles that lie on one line with less than about a letter between them are joined: two that overlap would show
 * as a darker patch. What lies outside the page is cut off.
 */
export function placeRectangles(page: PageRectangles): Box[] {
  if (page.width <= 0 || page.height <= 0) return [];
  const lines: Rectangle[] = [];
  for (const rectangle of page.rectangles) {
    if (rectangle.width <= 0 || rectangle.height <= 0) continue;
    const last = lines.at(-1);
    if (last && onOneLine(last, rectangle) && gap(last, rectangle) < rectangle.height * 0.6) join(last, rectangle);
    else lines.push({ ...rectangle });
  }
  return lines.map((line) => toBox(line, page)).filter((box) => box.width > 0 && box.height > 0);
}

function onOneLine(a: Rectangle, b: Rectangle): boolean {
  const shared = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return shared > 0.6 * Math.min(a.height, b.height);
}

function gap(a: Rectangle, b: Rectangle): number {
  return Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width);
}

function join(line: Rectangle, next: Rectangle) {
  const right = Math.max(line.x + line.width, next.x + next.width);
  const bottom = Math.max(line.y + line.height, next.y + next.height);
  line.x = Math.min(line.x, next.x);
  line.y = Math.min(line.y, next.y);
  line.width = right - line.x;
  line.height = bottom - line.y;
}

function toBox(line: Rectangle, page: PageRectangles): Box {
  const left = share(line.x, page.width);
  const top = share(line.y, page.height);
  return {
    left,
    top,
    width: share(line.x + line.width, page.width) - left,
    height: share(line.y + line.height, page.height) - top,
  };
}

const share = (value: number, whole: number): number => Math.min(100, Math.max(0, (100 * value) / whole));

/** The part of the page, top to bottom, that the boxes take up; null without boxes. */
export function extent(boxes: readonly Box[]): { top: number; bottom: number } | null {
  if (boxes.length === 0) return null;
  return {
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.top + box.height)),
  };
}

/** Where the pages of a document lie one under the other, in pixels from the top of the first. */
export type PageLayout = { tops: Float64Array; heights: Float64Array; total: number };

export const PAGE_GAP = 20;

/**
 * Stacks `count` pages of one width.
 *
 * @param ratios height over width of the pages known so far, by number from 1; the others are taken to be `usual`.
 */
export function layoutPages(count: number, width: number, usual: number, ratios: ReadonlyMap<number, number>): PageLayout {
  const tops = new Float64Array(count);
  const heights = new Float64Array(count);
  let top = 0;
  for (let at = 0; at < count; at += 1) {
    const height = Math.round(width * (ratios.get(at + 1) ?? usual));
    tops[at] = top;
    heights[at] = height;
    top += height + PAGE_GAP;
  }
  return { tops, heights, total: Math.max(0, top - PAGE_GAP) };
}

/** The page (from 1) at a height; between two pages the upper one. */
export function pageAt(layout: PageLayout, y: number): number {
  let low = 0;
  let high = layout.tops.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((layout.tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** A place that survives a change of width: a page and how far down it, 0 to 1 (beyond 1 in the gap below). */
export type Anchor = { page: number; share: number };

export function anchorAt(layout: PageLayout, y: number): Anchor {
  const page = pageAt(layout, y);
  const height = layout.heights[page - 1] || 1;
  return { page, share: (y - (layout.tops[page - 1] ?? 0)) / height };
}

export function anchorY(layout: PageLayout, anchor: Anchor): number {
  return (layout.tops[anchor.page - 1] ?? 0) + anchor.share * (layout.heights[anchor.page - 1] ?? 0);
}

/** The pages to draw: those in view and one more at either end. */
export function pagesInView(layout: PageLayout, top: number, viewHeight: number): number[] {
  const count = layout.tops.length;
  if (count === 0) return [];
  const first = Math.max(1, pageAt(layout, top) - 1);
  const last = Math.min(count, pageAt(layout, top + viewHeight) + 1);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

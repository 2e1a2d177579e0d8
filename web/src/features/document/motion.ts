export const prefersStill = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Nearby places are scrolled to, far ones jumped to: a long journey shows nothing but blur. */
const NEARBY_VIEWS = 3;

export function scrollToY(scroller: HTMLElement, y: number, instant = false) {
  const top = Math.max(0, y);
  const far = Math.abs(scroller.scrollTop - top) > NEARBY_VIEWS * scroller.clientHeight;
  scroller.scrollTo({ top, behavior: instant || far || prefersStill() ? "instant" : "smooth" });
}

/** Where in the view a passage should come to lie, as a share of the view's height. */
export const PASSAGE_AT = 0.28;

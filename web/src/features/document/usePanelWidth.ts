import { useCallback, useState, type KeyboardEvent, type PointerEvent } from "react";

const KEY = "parley-document-width";
const USUAL_REM = 27.5;
const LEAST_REM = 20;
const MOST_REM = 60;
const STEP_REM = 1.5;

const steps: Record<string, number> = { ArrowLeft: STEP_REM, ArrowRight: -STEP_REM };

export function clampWidth(rem: number): number {
  return Number.isFinite(rem) ? Math.min(MOST_REM, Math.max(LEAST_REM, rem)) : USUAL_REM;
}

function storedWidth(): number {
  try {
    return clampWidth(Number.parseFloat(localStorage.getItem(KEY) ?? "") || USUAL_REM);
  } catch {
    return USUAL_REM;
  }
}

const remPixels = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

/** The panel's width in rem, and what its edge needs to be dragged or moved with the arrow keys. */
export function usePanelWidth() {
  const [width, setWidth] = useState(storedWidth);

  const keep = useCallback((rem: number) => {
    const next = clampWidth(rem);
    setWidth(next);
    try {
      localStorage.setItem(KEY, String(next));
    } catch {
      // Storage may be closed to us; the width then lasts until the page is left.
    }
  }, []);

  const mirrored = () => getComputedStyle(document.documentElement).direction === "rtl";

  const edge = {
    role: "separator" as const,
    tabIndex: 0,
    "aria-orientation": "vertical" as const,
    "aria-label": "Width of the document panel",
    "aria-valuenow": Math.round(width),
    "aria-valuemin": LEAST_REM,
    "aria-valuemax": MOST_REM,
    onKeyDown: (event: KeyboardEvent) => {
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      keep(width + (mirrored() ? -step : step));
    },
    onDoubleClick: () => keep(USUAL_REM),
    onPointerDown: (event: PointerEvent) => event.currentTarget.setPointerCapture(event.pointerId),
    onPointerMove: (event: PointerEvent) => {
      if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
      const pixels = mirrored() ? event.clientX : window.innerWidth - event.clientX;
      keep(pixels / remPixels());
    },
  };
  return { width, edge };
}

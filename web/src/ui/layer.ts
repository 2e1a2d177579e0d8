import { createContext } from "react";

/** Where menus and tooltips are put: an open dialog lies above the page, so theirs must lie within it. */
export const LayerContext = createContext<HTMLElement | null>(null);

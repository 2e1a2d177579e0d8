import { clockTime, shortDay } from "@/app/dates";
import type { Version } from "@/api/types";
import { countOf } from "../../sources/words";

/** "21 Nov, 14:06". */
export const momentWords = (iso: string, now: Date = new Date()): string => `${shortDay(iso, now)}, ${clockTime(iso)}`;

export function extentOf({ chars, pages, chunks }: Version): string {
  return `${pages ? countOf(pages, "page") : countOf(chars, "character")}, ${countOf(chunks, "passage")}`;
}

/** Nothing changed, or how much: "3 lines added, 1 removed". */
export function changeWords({ added, removed }: { added: number; removed: number }): string {
  if (added === 0 && removed === 0) return "No difference in the text.";
  if (removed === 0) return `${countOf(added, "line")} added`;
  if (added === 0) return `${countOf(removed, "line")} removed`;
  return `${countOf(added, "line")} added, ${countOf(removed, "line")} removed`;
}

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { FileTab } from "./FilePane";

/** What the address of a source says beside it: the file that is looked at, and what of it. */
export type SourceSearch = { file?: string; tab?: FileTab };

export const readSourceSearch = (search: Record<string, unknown>): SourceSearch => ({
  ...(typeof search.file === "string" ? { file: search.file } : {}),
  ...(search.tab === "versions" ? { tab: "versions" as const } : {}),
});

/** The file that is looked at, kept in the address: it can be linked to, and the way back is the browser's own. */
export function useChosenFile(sourceId: string, botId: string) {
  const { file: fileId, tab } = readSourceSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const go = (search: SourceSearch, replace: boolean) =>
    void navigate({ to: "/sources/$botId/$sourceId", params: { botId, sourceId }, search, replace });
  return {
    fileId,
    tab: tab ?? "passages",
    // Only the first file that is opened is a step of its own: going back leads to the list.
    choose: (id: string) => go({ file: id, ...(tab ? { tab } : {}) }, fileId !== undefined),
    show: (next: FileTab) => go({ ...(fileId ? { file: fileId } : {}), ...(next === "versions" ? { tab: next } : {}) }, true),
    leave: () => go({}, true),
  };
}

import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { onWorkspaceEvent } from "@/api/events";
import { get } from "@/api/http";
import { keys } from "@/api/keys";
import type { Document, Page } from "@/api/types";

const FILE_PAGE = 200;
/** Lists longer than this many pages are refreshed only when a source is done: each page is a request. */
const LIVE_PAGES = 4;
const LIVE_MS = 2000;

export type FileFilter = { source_id?: string; status?: string; no_documents?: boolean; q?: string };

/** The documents of a bot as the screen lists them, page by page; kept fresh while they are read. */
export function useFiles(botId: string, filter: FileFilter, enabled = true) {
  useLiveFiles(botId);
  const query = useInfiniteQuery({
    queryKey: [...keys.files(botId), filter],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Document>>(`/bots/${botId}/documents`, { ...filter, limit: FILE_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (previous, previousQuery) => {
      const before = previousQuery?.queryKey[2] as FileFilter | undefined;
      return before?.source_id === filter.source_id ? previous : undefined;
    },
  });
  const files = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, files };
}

function useLiveFiles(botId: string) {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (everything: boolean) => {
      timer = undefined;
      void client.invalidateQueries({
        queryKey: keys.files(botId),
        predicate: ({ state }) =>
          everything || ((state.data as InfiniteData<unknown> | undefined)?.pages.length ?? 0) <= LIVE_PAGES,
      });
    };
    const stop = onWorkspaceEvent((event) => {
      if (event.type === "source.changed") refresh(true);
      else if (event.type === "source.progress" || event.type === "document.failed")
        timer ??= setTimeout(() => refresh(false), LIVE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, botId]);
}

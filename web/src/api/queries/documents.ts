import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get, url } from "../http";
import { keys } from "../keys";
import type { Document, DocumentText, Page, PageRectangles } from "../types";

const DOCUMENT_PAGE = 200;

export type DocumentFilter = { source_id?: string; status?: string; q?: string };

/** The documents of a bot, page by page; flatten `data.pages` to draw them. */
export function useDocuments(botId: string, filter: DocumentFilter = {}) {
  return useInfiniteQuery({
    queryKey: [...keys.documents(botId), filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Document>>(`/bots/${botId}/documents`, { ...filter, limit: DOCUMENT_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function useDocument(id: string) {
  return useQuery({
    queryKey: keys.document(id),
    queryFn: ({ signal }) => get<Document>(`/documents/${id}`, {}, signal),
  });
}

/** The canonical text of a version; it never changes, so it is kept as long as memory allows. */
export function documentTextQuery(id: string, version: number, span?: { start: number; end: number }) {
  return {
    queryKey: [...keys.document(id), "text", version, span ?? "all"],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get<DocumentText>(`/documents/${id}/text`, { version, ...span }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export function rectanglesQuery(id: string, version: number, span: { start: number; end: number }) {
  return {
    queryKey: [...keys.document(id), "rectangles", version, span],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get<{ pages: PageRectangles[] }>(`/documents/${id}/rectangles`, { version, ...span }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  };
}

export const documentFileUrl = (id: string, version: number): string => url(`/documents/${id}/file`, { version });

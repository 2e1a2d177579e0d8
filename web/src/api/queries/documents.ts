import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, url } from "../http";
import { keys } from "../keys";
import type { Document, DocumentText, Page, PageRectangles, Source } from "../types";
import { refreshSources } from "./sources";

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

/** A document; nothing is asked until there is an id. */
export function useDocument(id: string | undefined) {
  return useQuery({
    queryKey: keys.document(id ?? ""),
    enabled: Boolean(id),
    queryFn: ({ signal }) => get<Document>(`/documents/${id}`, {}, signal),
  });
}

/** Reads one document again, whether or not it failed. */
export function useRetryDocument() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post<Source>(`/documents/${id}/retry`),
    onSuccess: () => refreshSources(client),
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

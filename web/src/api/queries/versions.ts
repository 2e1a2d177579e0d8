import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../http";
import { keys } from "../keys";
import type { Document, Page, Version, VersionDiff } from "../types";
import { refreshSources } from "./sources";

const VERSION_PAGE = 50;
/** Equal lines shown around each change. */
const CONTEXT = 3;

/** The versions of a document, the newest first, page by page. */
export function useVersions(documentId: string) {
  return useInfiniteQuery({
    queryKey: [...keys.document(documentId), "versions"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Version>>(`/documents/${documentId}/versions`, { limit: VERSION_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What changed from one version to another; versions never change, so it is kept as long as memory allows. */
export function useVersionDiff(documentId: string, before: number, after: number) {
  return useQuery({
    queryKey: ["diff", documentId, before, after],
    enabled: before !== after,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: ({ signal }) =>
      get<VersionDiff>(`/documents/${documentId}/diff`, { before, after, context: CONTEXT }, signal),
  });
}

/** Lets an older version be found again. */
export function useRollBack(documentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (version: number) => post<Document>(`/documents/${documentId}/rollback`, { version }),
    onSuccess: () => refreshSources(client),
  });
}

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { get } from "../http";
import { keys } from "../keys";
import type { Chunk, Chunking, ChunkPreview, Document, Page } from "../types";

const CHUNK_PAGE = 50;

/** The chunks of a document's version, in the order of its text. */
export function useChunks(file: Document) {
  return useInfiniteQuery({
    queryKey: [...keys.document(file.id), "chunks", file.version],
    enabled: file.version !== null,
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Chunk>>(`/documents/${file.id}/chunks`, { version: file.version, limit: CHUNK_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The chunks that a document would have under a rule; nothing is stored. Without a rule nothing is asked. */
export function useChunkPreview(documentId: string | undefined, rule: Chunking | null) {
  return useInfiniteQuery({
    queryKey: ["chunk-preview", documentId, rule],
    enabled: Boolean(documentId && rule),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    placeholderData: keepPreviousData,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<ChunkPreview>(`/documents/${documentId}/chunk-preview`, { ...rule, limit: CHUNK_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
}

import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { get, patch, post, remove, url } from "../http";
import { keys } from "../keys";
import type { FaqCategory, FaqEntry, FaqImport, Page } from "../types";
import { refreshSources } from "./sources";

const FAQ_PAGE = 100;

export type FaqDraft = Pick<FaqEntry, "question" | "answer" | "category" | "tags">;
export type FaqFilter = { text: string; category: string };

const path = (sourceId: string) => `/sources/${sourceId}/faq`;

/** The entries of a source, oldest first, page by page. */
export function useFaq(sourceId: string, filter: FaqFilter) {
  return useInfiniteQuery({
    queryKey: [...keys.faq(sourceId), "entries", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<FaqEntry>>(path(sourceId), { ...filter, limit: FAQ_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (previous) => previous,
  });
}

export function useFaqCategories(sourceId: string) {
  return useQuery({
    queryKey: [...keys.faq(sourceId), "categories"],
    queryFn: ({ signal }) => get<FaqCategory[]>(`${path(sourceId)}/categories`, {}, signal),
  });
}

/** One entry by its id; nothing is asked for none. */
export function useFaqEntry(sourceId: string, id: string | null) {
  return useQuery({
    queryKey: [...keys.faq(sourceId), "entry", id],
    enabled: id !== null,
    retry: false,
    queryFn: ({ signal }) => get<FaqEntry>(`${path(sourceId)}/${id}`, {}, signal),
  });
}

const refresh = (client: QueryClient, sourceId: string) =>
  Promise.all([client.invalidateQueries({ queryKey: keys.faq(sourceId) }), refreshSources(client)]);

/** Adds an entry, or changes the one with the id. */
export function useSaveEntry(sourceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, draft }: { id: string | null; draft: FaqDraft }) =>
      id ? patch<FaqEntry>(`${path(sourceId)}/${id}`, draft) : post<FaqEntry>(path(sourceId), draft),
    onSuccess: () => refresh(client, sourceId),
  });
}

export function useRemoveEntry(sourceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove(`${path(sourceId)}/${id}`),
    onSuccess: () => refresh(client, sourceId),
  });
}

/** Takes the rows of a CSV file; a bad row is told and fails only itself. */
export function useImportFaq(sourceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (file: Blob) => post<FaqImport>(`${path(sourceId)}/csv`, new Blob([file], { type: "text/csv" })),
    onSuccess: () => refresh(client, sourceId),
  });
}

export const faqCsvUrl = (sourceId: string): string => url(`${path(sourceId)}/csv`);

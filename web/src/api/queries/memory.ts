import { get, patch, put, request } from "../http";
import type { MemoryList, MemoryPatch, MemorySwitch, MemoryView } from "../generated/types.gen";

export type Memory = MemoryView;
export type MemoryPart = "facts" | "entities";

const PAGE = 100;

export const memoryKey = ["memory"] as const;

export const memoryQuery = (kind: MemoryPart) => ({
  queryKey: [...memoryKey, kind] as const,
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }: { pageParam: string | null; signal: AbortSignal }) =>
    get<MemoryList>("/me/memory", { kind, cursor: pageParam, limit: PAGE }, signal),
  getNextPageParam: (page: MemoryList) => page.next_cursor,
});

export const switchMemory = (enabled: boolean) => put<MemorySwitch>("/me/memory/switch", { enabled });
export const changeMemory = (id: string, change: MemoryPatch) => patch<Memory>(`/me/memory/${id}`, change);
export const forgetMemory = (id: string, words: boolean) =>
  request<void>("DELETE", `/me/memory/${id}`, { query: { words: words || null } });
export const forgetEverything = (words: boolean) =>
  request<void>("DELETE", "/me/memory", { query: { words: words || null } });

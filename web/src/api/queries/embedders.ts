import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, remove } from "../http";
import { keys } from "../keys";
import type { Embedder, EmbedderDraft, Estimate, Generation } from "../types";
import type { ModelTest } from "./models";

export function useEmbedders() {
  return useQuery({
    queryKey: keys.embedders,
    queryFn: async ({ signal }) => (await get<{ items: Embedder[] }>("/embedders", {}, signal)).items,
  });
}

/** Newest first; events of the workspace keep it fresh. */
export function useGenerations() {
  return useQuery({
    queryKey: keys.generations,
    queryFn: async ({ signal }) => (await get<{ items: Generation[] }>("/generations", {}, signal)).items,
  });
}

/** What a change would take; asked anew each time, since passages come and go. */
export function useEstimate(embedderId: string) {
  return useQuery({
    queryKey: [...keys.embedders, embedderId, "estimate"],
    queryFn: ({ signal }) => get<Estimate>(`/embedders/${encodeURIComponent(embedderId)}/estimate`, {}, signal),
    gcTime: 0,
  });
}

function useChange<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () =>
      Promise.all([keys.embedders, keys.generations].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useConnectEmbedder = () => useChange((draft: EmbedderDraft) => post<Embedder>("/embedders", draft));
export const useTestEmbedder = () => useChange((id: string) => post<ModelTest>(`/embedders/${id}/test`));
export const useDeleteEmbedder = () => useChange((id: string) => remove(`/embedders/${id}`));
export const useStartGeneration = () =>
  useChange((embedder: string) => post<Generation>("/generations", { embedder }));
export const useActivateGeneration = () => useChange((id: string) => post<Generation>(`/generations/${id}/activate`));
export const useCancelGeneration = () => useChange((id: string) => post<Generation>(`/generations/${id}/cancel`));

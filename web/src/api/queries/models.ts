import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, post, remove } from "../http";
import { keys } from "../keys";
import type { Model, ModelDraft, Page } from "../types";

export type ModelTest = NonNullable<Model["last_test"]>;

export function useModels() {
  return useQuery({
    queryKey: keys.models,
    queryFn: async ({ signal }) => (await get<Page<Model>>("/models", { limit: 100 }, signal)).items,
  });
}

function useModelMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => Promise.all([keys.models, keys.bots].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useAddModel = () => useModelMutation((draft: ModelDraft) => post<Model>("/models", draft));
export const useUpdateModel = () =>
  useModelMutation(({ id, ...change }: Partial<ModelDraft> & { id: string }) => patch<Model>(`/models/${id}`, change));
export const useDeleteModel = () => useModelMutation((id: string) => remove(`/models/${id}`));
export const useTestModel = () => useModelMutation((id: string) => post<ModelTest>(`/models/${id}/test`));

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  Change,
  Comparison,
  Metrics,
  QuestionIn,
  QuestionOut,
  ResultOut,
  RunIn,
  RunOut,
  SetOut,
} from "../generated/types.gen";
import { get, post, remove } from "../http";
import { keys } from "../keys";

export type GoldenSet = SetOut;
export type GoldenQuestion = QuestionOut;
export type GoldenDraft = QuestionIn;
export type Run = RunOut;
export type Result = ResultOut;
export type Metric = keyof Metrics;
export type { Change, Comparison, Metrics };

type List<T> = { items: T[] };

export const isOpen = (run: Run): boolean => run.status === "pending" || run.status === "running";

/** So often a run is looked at while it asks its questions. */
const RUNNING_MS = 1000;

export function useGoldenSets(botId: string) {
  return useQuery({
    queryKey: keys.goldenSets(botId),
    queryFn: async ({ signal }) => (await get<List<GoldenSet>>(`/bots/${botId}/golden-sets`, {}, signal)).items,
  });
}

export function useGoldenQuestions(setId: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.goldenQuestions(setId),
    queryFn: async ({ signal }) => (await get<List<GoldenQuestion>>(`/golden-sets/${setId}/questions`, {}, signal)).items,
    enabled,
  });
}

export function useRuns(setId: string) {
  return useQuery({
    queryKey: keys.runs(setId),
    queryFn: async ({ signal }) => (await get<List<Run>>(`/golden-sets/${setId}/runs`, {}, signal)).items,
    enabled: setId !== "",
  });
}

/** A run, asked for again while it goes on; its place in the list of runs is kept up with it. */
export function useRun(known: Run) {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: keys.run(known.id),
    queryFn: async ({ signal }) => {
      const run = await get<Run>(`/eval-runs/${known.id}`, {}, signal);
      client.setQueryData<Run[]>(keys.runs(run.set_id), (runs) => runs?.map((one) => (one.id === run.id ? run : one)));
      if (!isOpen(run)) void client.invalidateQueries({ queryKey: keys.results(run.id) });
      return run;
    },
    enabled: isOpen(known),
    refetchInterval: ({ state }) => (state.data && !isOpen(state.data) ? false : RUNNING_MS),
  });
  return data && isOpen(known) ? data : known;
}

export function useResults(run: Run) {
  return useQuery({
    queryKey: [...keys.results(run.id), isOpen(run) ? run.done : "all"] as const,
    queryFn: async ({ signal }) => (await get<List<Result>>(`/eval-runs/${run.id}/results`, {}, signal)).items,
    placeholderData: (before) => before,
  });
}

export function useComparison(before: string | null, after: string | null) {
  return useQuery({
    queryKey: keys.comparison(before ?? "", after ?? ""),
    queryFn: ({ signal }) => get<Comparison>("/eval-runs/compare", { before, after }, signal),
    enabled: before !== null && after !== null,
  });
}

export type SetWish =
  | { from: "file"; name: string; questions: GoldenDraft[] }
  | { from: "chats"; name: string }
  | { from: "documents"; name: string; count: number };

export function useKeepSet(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: SetWish) => {
      const path = `/bots/${botId}/golden-sets`;
      if (wish.from === "file") return post<GoldenSet>(path, { name: wish.name, questions: wish.questions });
      if (wish.from === "chats") return post<GoldenSet>(`${path}/from-chats`, { name: wish.name });
      return post<GoldenSet>(`${path}/draft`, { name: wish.name, count: wish.count });
    },
    onSuccess: (set) =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.goldenSets(botId) }),
        client.invalidateQueries({ queryKey: keys.goldenQuestions(set.id) }),
      ]),
  });
}

export function useRemoveSet(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove(`/golden-sets/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.goldenSets(botId) }),
  });
}

export function useBeginRun(setId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: RunIn) => post<Run>(`/golden-sets/${setId}/runs`, wish),
    onSuccess: (run) => client.setQueryData<Run[]>(keys.runs(setId), (runs) => [run, ...(runs ?? [])]),
  });
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post<Run>(`/eval-runs/${id}/cancel`),
    onSuccess: (run) => client.invalidateQueries({ queryKey: keys.runs(run.set_id) }),
  });
}

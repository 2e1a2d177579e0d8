import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { CitingAnswers, GapDetails, GapView, LookView, TraceView } from "../generated/types.gen";
import { get, patch, post } from "../http";
import { keys } from "../keys";

export type Look = LookView;
export type LookSentence = Look["sentences"][number];
export type LookSpan = LookSentence["spans"][number];
export type Trace = TraceView;
export type Gap = GapView;
export type GapStatus = Gap["status"];
export type { CitingAnswers, GapDetails };

/** Looks for each sentence in what the bot reads besides what it cites. */
export const verifyAnswer = (turnId: string) => post<Look>(`/turns/${turnId}/verify`);

export function useTrace(turnId: string) {
  return useQuery({
    queryKey: keys.trace(turnId),
    queryFn: ({ signal }) => get<Trace>(`/turns/${turnId}/trace`, {}, signal),
  });
}

/** While a question is being asked again, so often it is looked whether it was answered. */
const ASKING_MS = 1500;

export function useGaps(botId: string) {
  return useQuery({
    queryKey: keys.gaps(botId),
    queryFn: ({ signal }) => get<Gap[]>(`/bots/${botId}/gaps`, {}, signal),
    refetchInterval: ({ state }) => (state.data?.some((gap) => gap.again?.outcome === "running") ? ASKING_MS : false),
  });
}

export function useGap(id: string, stamp: string) {
  return useQuery({
    queryKey: ["gaps", "one", id, stamp] as const,
    queryFn: ({ signal }) => get<GapDetails>(`/gaps/${id}`, {}, signal),
  });
}

function useGapMutation<Input>(botId: string, mutationFn: (input: Input) => Promise<GapDetails>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey: keys.gaps(botId) }) });
}

export const useChangeGap = (botId: string) =>
  useGapMutation(botId, ({ id, status }: { id: string; status: GapStatus }) =>
    patch<GapDetails>(`/gaps/${id}`, { status }),
  );
export const useAskGap = (botId: string) =>
  useGapMutation(botId, (id: string) => post<GapDetails>(`/gaps/${id}/ask`));

export function useCitingAnswers(sourceId: string) {
  return useQuery({
    queryKey: ["citing-answers", sourceId] as const,
    queryFn: ({ signal }) => get<CitingAnswers>(`/sources/${sourceId}/citing-answers`, { limit: 5 }, signal),
    staleTime: 0,
  });
}

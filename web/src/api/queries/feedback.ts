import { get, post, put, remove } from "../http";
import type { RatingIn, RatingView, SharedAnswer, ShareView } from "../generated/types.gen";

export type Rating = RatingView;
export type RatingDraft = Required<RatingIn>;
export type { SharedAnswer };

export const rateAnswer = (turnId: string, draft: RatingDraft) => put<Rating>(`/turns/${turnId}/rating`, draft);
export const unrateAnswer = (turnId: string) => remove(`/turns/${turnId}/rating`);
export const shareAnswer = (turnId: string) => post<ShareView>(`/turns/${turnId}/share`);
export const sharedQuery = (id: string) => ({
  queryKey: ["shared", id] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => get<SharedAnswer>(`/shares/${id}`, {}, signal),
});

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, put } from "../http";
import { keys } from "../keys";
import type { Note, Source } from "../types";
import { refreshSources } from "./sources";

/** A note as it was written. */
export function useNote(sourceId: string) {
  return useQuery({
    queryKey: [...keys.source(sourceId), "note"],
    queryFn: ({ signal }) => get<Note>(`/sources/${sourceId}/note`, {}, signal),
  });
}

/** Gives a note another text; the one before stays as a version. */
export function useRewriteNote(sourceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (note: Note) => put<Source>(`/sources/${sourceId}/note`, note),
    onSuccess: () => refreshSources(client),
  });
}

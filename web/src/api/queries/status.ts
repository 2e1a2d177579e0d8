import { useQuery } from "@tanstack/react-query";
import { get } from "../http";
import { keys } from "../keys";
import type { Status } from "../types";

const LOOK_MS = 2000;

/** How many files wait to be read whose words are known already, so that a question has them read first. */
export function useKnownByWords(isReading: boolean): number {
  const { data } = useQuery({
    queryKey: keys.status,
    queryFn: ({ signal }) => get<Status>("/status", {}, signal),
    enabled: isReading,
    refetchInterval: LOOK_MS,
    gcTime: 0,
  });
  return (isReading && data?.index.unread_documents) || 0;
}

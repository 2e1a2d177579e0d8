import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import { verifyAnswer, type Look } from "@/api/queries/trust";

type LookState = { found: Look | undefined; looking: boolean; verify: () => Promise<void>; close: () => void };

/** The second look at an answer: nothing until somebody asks for it. */
export function useLook(turnId: string | null): LookState {
  const client = useQueryClient();
  const [looking, setLooking] = useState(false);
  const queryKey = keys.look(turnId ?? "");
  const { data } = useQuery<Look | null>({ queryKey, queryFn: () => null, enabled: false, staleTime: Infinity });
  return {
    found: data ?? undefined,
    looking,
    verify: async () => {
      if (!turnId) return;
      setLooking(true);
      try {
        client.setQueryData(queryKey, await verifyAnswer(turnId));
      } finally {
        setLooking(false);
      }
    },
    close: () => client.setQueryData(queryKey, null),
  };
}

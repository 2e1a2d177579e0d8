import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { get, patch, post, remove } from "../http";
import { keys } from "../keys";
import type { Bot, BotDraft, BotPatch, Me, Page } from "../types";

/** A contact list of more than this many bots would need paging; until then one request draws it whole. */
const BOT_LIMIT = 200;

const fetchBots = (signal?: AbortSignal) => get<Page<Bot>>("/bots", { limit: BOT_LIMIT }, signal);

export const meQuery = { queryKey: keys.me, queryFn: () => get<Me>("/me"), staleTime: 5 * 60_000 };
export const botsQuery = {
  queryKey: keys.bots,
  queryFn: async ({ signal }: { signal: AbortSignal }) => (await fetchBots(signal)).items,
};

export const useMe = () => useQuery(meQuery);
export const useBots = () => useQuery(botsQuery);

export function useBot(id: string) {
  const client = useQueryClient();
  return useQuery<Bot>({
    queryKey: keys.bot(id),
    queryFn: ({ signal }) => get<Bot>(`/bots/${id}`, {}, signal),
    placeholderData: () => client.getQueryData<Bot[]>(keys.bots)?.find((bot) => bot.id === id),
  });
}

function refreshBots(client: QueryClient) {
  return client.invalidateQueries({ queryKey: keys.bots });
}

export function useCreateBot() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: BotDraft) => post<Bot>("/bots", draft),
    onSuccess: (bot) => {
      client.setQueryData<Bot[]>(keys.bots, (bots) => (bots ? [bot, ...bots] : [bot]));
      client.setQueryData(keys.bot(bot.id), bot);
      return refreshBots(client);
    },
  });
}

export function useUpdateBot() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: BotPatch & { id: string }) => patch<Bot>(`/bots/${id}`, change),
    onSuccess: (bot) => {
      client.setQueryData(keys.bot(bot.id), bot);
      return refreshBots(client);
    },
  });
}

export function useDeleteBot() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove(`/bots/${id}`),
    onSuccess: (_, id) => {
      client.setQueryData<Bot[]>(keys.bots, (bots) => bots?.filter((bot) => bot.id !== id));
      return refreshBots(client);
    },
  });
}

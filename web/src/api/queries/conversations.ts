import { get, patch, post, remove, url } from "../http";
import type { FoundMessage } from "../generated/types.gen";
import type { Conversation, Message, Page, Turn } from "../types";

export type { FoundMessage };
export const MESSAGE_PAGE = 60;

/** A bot's conversations in the browser, the one written to last first. */
export async function listConversations(
  botId: string,
  limit = 50,
  signal?: AbortSignal,
  archived = false,
): Promise<Conversation[]> {
  const query = { bot_id: botId, channel: "web", limit, archived };
  return (await get<Page<Conversation>>("/conversations", query, signal)).items;
}

/** Messages of a bot's conversations in which every word begins a word, the newest first. */
export async function findMessages(botId: string, words: string, signal?: AbortSignal): Promise<FoundMessage[]> {
  return (await get<Page<FoundMessage>>("/conversations/search", { bot_id: botId, q: words, limit: 50 }, signal)).items;
}

export type ConversationChange = { title?: string; pinned?: boolean; archived?: boolean };
export const updateConversation = (id: string, change: ConversationChange) =>
  patch<Conversation>(`/conversations/${id}`, change);
export const exportUrl = (id: string, format: "md" | "json") => url(`/conversations/${id}/export`, { format });

export const getConversation = (id: string) => get<Conversation>(`/conversations/${id}`);
export const createConversation = (botId: string) => post<Conversation>("/conversations", { bot_id: botId });
export const deleteConversation = (id: string) => remove(`/conversations/${id}`);

/** A page of messages, newest first; the cursor leads to older ones. */
export const listMessages = (conversationId: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<Message>>(
    `/conversations/${conversationId}/messages`,
    { order: "desc", limit: MESSAGE_PAGE, cursor },
    signal,
  );

export type TurnDraft =
  { text: string; attachments?: string[]; parent_id?: string; edit_of?: string } | { regenerate_of: string };

export const createTurn = (conversationId: string, draft: TurnDraft) =>
  post<Turn>(`/conversations/${conversationId}/turns`, draft);

export const getTurn = (id: string) => get<Turn>(`/turns/${id}`);
export const stopTurn = (id: string) => post<Turn>(`/turns/${id}/stop`);

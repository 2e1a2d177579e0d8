import { get, post, remove } from "../http";
import type { Conversation, Message, Page, Turn } from "../types";

export const MESSAGE_PAGE = 60;

/** A bot's conversations in the browser, the one written to last first. */
export async function listConversations(botId: string, limit = 50, signal?: AbortSignal): Promise<Conversation[]> {
  return (await get<Page<Conversation>>("/conversations", { bot_id: botId, channel: "web", limit }, signal)).items;
}

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

export type TurnDraft = { text: string; attachments?: string[] } | { regenerate_of: string };

export const createTurn = (conversationId: string, draft: TurnDraft) =>
  post<Turn>(`/conversations/${conversationId}/turns`, draft);

export const getTurn = (id: string) => get<Turn>(`/turns/${id}`);
export const stopTurn = (id: string) => post<Turn>(`/turns/${id}/stop`);

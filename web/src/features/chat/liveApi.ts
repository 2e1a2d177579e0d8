import { pause, backoffMs } from "@/api/backoff";
import {
  createConversation,
  createTurn,
  getConversation,
  getTurn,
  listConversations,
  listMessages,
  stopTurn,
} from "@/api/queries/conversations";
import { openStream } from "@/api/transport";
import type { ConversationApi } from "./conversationStore";

/** The conversation store's view of the real server. */
export const liveApi: ConversationApi = {
  newestConversation: async (botId) => (await listConversations(botId, 1))[0] ?? null,
  getConversation,
  createConversation,
  listMessages,
  createTurn,
  stopTurn,
  open: (turnId, after, signal) => openStream(`/turns/${turnId}/events`, after, signal),
  statusOf: async (turnId) => (await getTurn(turnId)).status,
  now: () => new Date(),
  newId: () => `local-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`,
  untilOnline: (attempt, signal) => pause(backoffMs(attempt), signal),
};

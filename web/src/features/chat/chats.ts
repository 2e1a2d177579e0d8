import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { onWorkspaceEvent } from "@/api/events";
import { ConversationStore, NEW, type StoreState } from "./conversationStore";
import { liveApi } from "./liveApi";
import { activityOf } from "./thread";
import { UploadTray } from "./uploads";

/** A chat that was opened: it goes on streaming while another is looked at. `key` is its own for ever. */
export type Chat = { key: string; store: ConversationStore; tray: UploadTray };

const chats = new Map<string, Chat>();
const listeners = new Set<() => void>();

const keyOf = (botId: string, conversationId: string | null) => `${botId}/${conversationId ?? ""}`;

function openChat(botId: string, conversationId: string | null): Chat {
  const key = keyOf(botId, conversationId);
  const known = chats.get(key);
  if (known) return known;
  const store = new ConversationStore(botId, liveApi, conversationId);
  const own = conversationId === NEW ? `${key}-${Date.now().toString(36)}` : key;
  const chat = { key: own, store, tray: new UploadTray(botId, () => store.ensureConversation()) };
  chats.set(key, chat);
  store.subscribe(() => {
    for (const listener of listeners) listener();
  });
  return chat;
}

/** Makes a chat that was begun as a new one the bot's usual one; the one before stays open under its own name. */
export function adoptAsUsual(chat: Chat) {
  const { botId } = chat.store;
  const usual = keyOf(botId, null);
  const before = chats.get(usual);
  const beforeId = before?.store.getState().conversationId;
  if (before && beforeId) chats.set(keyOf(botId, beforeId), before);
  chats.delete(keyOf(botId, NEW));
  chats.set(usual, chat);
}

/** Ends the streams of chats that are gone: all of a bot, or those of one of its conversations. */
export function forgetChats(botId: string, conversationId?: string) {
  for (const [key, chat] of chats) {
    if (chat.store.botId !== botId) continue;
    if (conversationId && chat.store.getState().conversationId !== conversationId) continue;
    chat.store.close();
    chats.delete(key);
  }
}

/** The chat with a bot; null stands for the conversation that was written to last. */
export function useChat(botId: string, conversationId: string | null): Chat {
  const chat = useMemo(() => openChat(botId, conversationId), [botId, conversationId]);
  useEffect(() => {
    void chat.store.load();
    return onWorkspaceEvent((event) => {
      if (event.type === "conversation.changed") void chat.store.sync(event.target_id);
    });
  }, [chat]);
  return chat;
}

export const useChatState = (store: ConversationStore): StoreState =>
  useSyncExternalStore(store.subscribe, store.getState);

function subscribeAll(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What a bot is doing in any chat that was opened here, for the chat list. */
export const useActivity = (botId: string): string | null =>
  useSyncExternalStore(subscribeAll, () => {
    for (const { store } of chats.values()) {
      const activity = store.botId === botId ? activityOf(store.getState()) : null;
      if (activity) return activity;
    }
    return null;
  });

const draftKey = (chatKey: string) => `parley-draft:${chatKey}`;

/** Text that was typed and not sent, kept per chat and over reloads. */
export function useDraft(chatKey: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => readDraft(chatKey));
  const change = (next: string) => {
    setText(next);
    writeDraft(chatKey, next);
  };
  return [text, change];
}

function readDraft(chatKey: string): string {
  try {
    return localStorage.getItem(draftKey(chatKey)) ?? "";
  } catch {
    return "";
  }
}

function writeDraft(chatKey: string, text: string) {
  try {
    if (text) localStorage.setItem(draftKey(chatKey), text);
    else localStorage.removeItem(draftKey(chatKey));
  } catch {
    // Storage may be closed or full: the draft then lasts as long as the page.
  }
}

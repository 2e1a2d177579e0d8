import type { Message, Turn } from "@/api/types";
import type { Outgoing } from "./thread";

/** Joins two sets of messages, oldest first; of one that both hold, the newer copy is kept. */
export function mergeMessages(known: readonly Message[], news: readonly Message[]): Message[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of news) byId.set(message.id, message);
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/** The question as the server has just stored it; the next look at the server brings the whole row. */
export function storedQuestion(outgoing: Outgoing, turn: Turn, messages: readonly Message[]): Message {
  return {
    id: turn.question_id,
    conversation_id: turn.conversation_id,
    seq: (messages.at(-1)?.seq ?? 0) + 1,
    parent_id: outgoing.parentId ?? messages.at(-1)?.id ?? null,
    author_kind: "member",
    delivery: "sent",
    created_at: outgoing.at,
    text: outgoing.text,
    attachments: outgoing.attachments,
    turn_id: turn.id,
    answer: null,
  };
}

import type { Message } from "@/api/types";

export type Branch = {
  /** What is looked at, oldest first: one version of each question, with its answers. */
  messages: Message[];
  /** For each question the ids of all its versions, oldest first. */
  siblings: ReadonlyMap<string, readonly string[]>;
};

const ROOT = "";
const isQuestion = (message: Message) => message.author_kind !== "bot";

/** Under which the versions of a question are chosen: the message that all of them follow. */
export const choiceKey = (message: Message): string => message.parent_id ?? ROOT;

/**
 * One way through a conversation whose questions were edited: an edited question follows the same message as the one
 * it replaces, so questions with one parent are versions of each other. Of these the chosen one is shown, else the one
 * in whose branch the newest message stands; what follows the others is hidden.
 */
export function branchOf(messages: readonly Message[], choices: Readonly<Record<string, string>>): Branch {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    if (!isQuestion(message)) continue;
    const key = choiceKey(message);
    groups.set(key, [...(groups.get(key) ?? []), message]);
  }
  const newest = newestBelow(messages);
  const siblings = new Map<string, readonly string[]>();
  const hidden = new Set<string>();
  for (const [key, group] of groups) {
    const ids = group.map((message) => message.id);
    for (const id of ids) siblings.set(id, ids);
    const chosen = ids.includes(choices[key] ?? "") ? choices[key] : latest(group, newest);
    for (const id of ids) if (id !== chosen) hidden.add(id);
  }
  const shown: Message[] = [];
  for (const message of messages) {
    if (message.parent_id && hidden.has(message.parent_id)) hidden.add(message.id);
    if (!hidden.has(message.id)) shown.push(message);
  }
  return { messages: shown, siblings };
}

function latest(group: readonly Message[], newest: ReadonlyMap<string, number>): string | undefined {
  const reach = (message: Message) => newest.get(message.id) ?? message.seq;
  return group.reduce((best, message) => (reach(message) >= reach(best) ? message : best), group[0] as Message).id;
}

/** The highest number among each message and all that follows it. */
function newestBelow(messages: readonly Message[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const message of messages.toReversed()) {
    const own = Math.max(newest.get(message.id) ?? 0, message.seq);
    newest.set(message.id, own);
    const parent = message.parent_id;
    if (parent) newest.set(parent, Math.max(newest.get(parent) ?? 0, own));
  }
  return newest;
}

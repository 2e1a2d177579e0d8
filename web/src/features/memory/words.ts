import { shortDay } from "@/app/dates";
import type { Memory } from "@/api/queries/memory";
import type { IconName } from "@/ui";
import { agoWords } from "../sources/words";

const KINDS: Record<Memory["kind"], { label: string; icon: IconName }> = {
  name: { label: "Name", icon: "user" },
  home: { label: "Home", icon: "pin" },
  work: { label: "Work", icon: "wallet" },
  preference: { label: "Preference", icon: "like" },
  relation: { label: "People", icon: "people" },
  possession: { label: "Things", icon: "tag" },
  date: { label: "Date", icon: "flag" },
  health: { label: "Health", icon: "buoy" },
  plan: { label: "Plan", icon: "clock" },
  note: { label: "Noted for you", icon: "quote" },
  entity: { label: "Name in what you said", icon: "tag" },
};

export const kindOf = (memory: Memory) => KINDS[memory.kind];

/** How sure it is, in words and as a number; what the person has corrected is beyond doubt. */
export function sureness(memory: Memory): string {
  if (memory.origin === "person") return "Corrected by you";
  const percent = Math.round(memory.confidence * 100);
  return `${percent >= 85 ? "Sure" : percent >= 60 ? "Fairly sure" : "Unsure"}, ${percent} %`;
}

export const expiry = ({ expires_at }: Memory, now = new Date()): string =>
  expires_at ? `Expires ${shortDay(expires_at, now)}` : "Never expires";

export const lastUse = ({ last_used_at }: Memory, now = Date.now()): string =>
  last_used_at ? `Last used ${agoWords(last_used_at, now)}` : "Not used yet";

const LONGEST_TITLE = 48;

/** The chat that a memory came from, as its link says it. */
export function sourceOf(memory: Memory, now = new Date()): string {
  const title = memory.conversation_title || "a chat";
  const shown = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE).trimEnd()}…` : title;
  return `Said ${shortDay(memory.said_at, now)} in “${shown}”`;
}

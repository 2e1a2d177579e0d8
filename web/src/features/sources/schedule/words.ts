import type { Source } from "@/api/types";
import { count } from "../words";
import { scheduleWords } from "./schedule";

/** How a source is kept current, in a line. */
export function upkeepWords({ paused, watch, schedule }: Source): string {
  if (paused) return "Paused: searched as it is, neither watched nor looked at.";
  const planned = schedule ? `${scheduleWords(schedule)}.` : "";
  if (!watch || watch.mode === "off") return planned || "Looked at only when asked.";
  return `Watched: what is saved is found within a second. ${planned}`.trim();
}

type LastSync = NonNullable<Source["last_sync"]>;

const ENDS: Record<LastSync["result"], string> = {
  ok: "",
  errors: ", not all could be read",
  failed: ", it failed",
  unavailable: ", it was not there",
  cancelled: ", it was stopped",
};

/** "3 new, 1 changed", "nothing new". */
export function lookWords({ added, changed, removed, result }: LastSync): string {
  const parts: [number, string][] = [
    [added, "new"],
    [changed, "changed"],
    [removed, "gone"],
  ];
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`);
  return `${said.join(", ") || "nothing new"}${ENDS[result]}.`;
}

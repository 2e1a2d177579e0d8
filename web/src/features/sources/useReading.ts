import { useEffect, useState } from "react";
import { onWorkspaceEvent } from "@/api/events";
import type { Source } from "@/api/types";
import { addSample, rateOf, type Rate, type Sample } from "./rate";
import { doneOf, isBusy } from "./words";

export type Reading = { done: number; total: number; failed: number; rate: Rate | null };

/** How far a source is, moved on by each event as it comes; between events by what the list last said. */
export function useReading(source: Source): Reading | null {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [live, setLive] = useState<Omit<Reading, "rate"> | null>(null);
  const busy = isBusy(source);
  useEffect(() => {
    setSamples([]);
    setLive(null);
    if (!busy) return;
    return onWorkspaceEvent((event) => {
      if (event.type !== "source.progress" || event.target_id !== source.id) return;
      const done = event.done ?? 0;
      setLive({ done, total: event.total ?? 0, failed: event.failed ?? 0 });
      setSamples((known) => addSample(known, { at: Date.now(), done }));
    });
  }, [source.id, busy]);

  if (!busy) return null;
  const listed = { done: doneOf(source), total: source.counts.documents, failed: source.counts.failed };
  const newest = live && live.total >= listed.total && live.done >= listed.done ? live : listed;
  return { ...newest, rate: rateOf(samples) };
}

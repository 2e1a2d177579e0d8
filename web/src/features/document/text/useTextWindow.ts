import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { documentTextQuery } from "@/api/queries/documents";
import type { DocumentRef, DocumentText, TextRange } from "@/api/types";
import { CodePointIndex } from "@/api/codePoints";
import type { Passage } from "../types";

const BEFORE = 4_000;
const AFTER = 12_000;
const STEP = 16_000;
/** More text than this is not kept in the page; what lies farthest away goes. */
const MOST_KEPT = 240_000;

/** A run of the document that is loaded, in code points. */
export type LoadedText = { start: number; end: number; chars: number; text: string; ranges: TextRange[] };

export type Side = "before" | "after";

/**
 * The stretch of a document around a passage, growing at either end when asked.
 *
 * A document of any size opens at once, since only this stretch is loaded and drawn.
 */
export function useTextWindow(document: DocumentRef, passage: Passage | null) {
  const client = useQueryClient();
  const [loaded, setLoaded] = useState<LoadedText | null>(null);
  const [error, setError] = useState<unknown>(null);
  const busy = useRef(false);
  const { id, version } = document;
  const start = passage?.start ?? 0;
  const end = passage?.end ?? 0;

  const read = useCallback(
    async (from: number, to: number) =>
      asLoaded(await client.fetchQuery(documentTextQuery(id, version, { start: from, end: to }))),
    [client, id, version],
  );

  useEffect(() => {
    let left = false;
    setError(null);
    setLoaded((known) => (known && covers(known, start, end) ? known : null));
    if (loaded && covers(loaded, start, end)) return;
    read(Math.max(0, start - BEFORE), end + AFTER)
      .then((text) => !left && setLoaded(text))
      .catch((problem: unknown) => !left && setError(problem));
    return () => {
      left = true;
    };
    // `loaded` decides only when the passage changes; growing must not read again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [read, start, end]);

  const grow = useCallback(
    async (side: Side) => {
      if (!loaded || busy.current) return;
      if (side === "before" ? loaded.start <= 0 : loaded.end >= loaded.chars) return;
      busy.current = true;
      try {
        const more =
          side === "before"
            ? await read(Math.max(0, loaded.start - STEP), loaded.start)
            : await read(loaded.end, Math.min(loaded.chars, loaded.end + STEP));
        setLoaded((known) => (known ? trim(joinTexts(known, more), side) : known));
      } catch (problem) {
        setError(problem);
      } finally {
        busy.current = false;
      }
    },
    [loaded, read],
  );

  return { loaded, error, grow };
}

const covers = (text: LoadedText, start: number, end: number) => text.start <= start && end <= text.end;

const asLoaded = ({ start, end, chars, text, ranges }: DocumentText): LoadedText => ({ start, end, chars, text, ranges });

/** Joins two runs that touch; a range that both list is kept once. Runs with a gap between them leave the first as it is. */
export function joinTexts(a: LoadedText, b: LoadedText): LoadedText {
  const [first, second] = a.start <= b.start ? [a, b] : [b, a];
  if (first.end !== second.start) return a;
  return {
    start: first.start,
    end: second.end,
    chars: a.chars,
    text: first.text + second.text,
    ranges: joinRanges([...first.ranges, ...second.ranges]),
  };
}

/** A range cut in two by the border between runs is one again. */
function joinRanges(ranges: TextRange[]): TextRange[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept = new Map<string, TextRange>();
  for (const range of sorted) kept.set(`${range.kind}/${range.level}/${range.start}/${range.end}`, range);
  return [...kept.values()];
}

/** Lets go of what lies farthest from the side that grew. */
export function trim(text: LoadedText, grew: Side, most = MOST_KEPT): LoadedText {
  const over = text.end - text.start - most;
  if (over <= 0) return text;
  const index = new CodePointIndex(text.text);
  const start = grew === "after" ? text.start + over : text.start;
  const end = grew === "after" ? text.end : text.end - over;
  return {
    ...text,
    start,
    end,
    text: text.text.slice(index.toUtf16(start - text.start), index.toUtf16(end - text.start)),
    ranges: text.ranges.filter((range) => range.end > start && range.start < end),
  };
}

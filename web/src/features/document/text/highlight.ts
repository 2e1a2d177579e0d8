/** A stretch of a document that stands out: `on` is the passage asked for, `dim` another one that the answer cites. */
export type Mark = { start: number; end: number; tone: "on" | "dim" };

/** A run of text that is drawn one way. Offsets are code points of the document. */
export type Segment = { start: number; text: string; tone: Mark["tone"] | null };

/**
 * Cuts `text`, which starts at `start`, where marks begin and end.
 *
 * Where marks overlap `on` wins, so the passage asked for is never broken by a neighbour. Segments join to `text`.
 */
export function segments(text: string, start: number, marks: readonly Mark[]): Segment[] {
  const points = Array.from(text);
  const end = start + points.length;
  const touching = marks.filter((mark) => mark.start < end && mark.end > start && mark.end > mark.start);
  if (touching.length === 0) return text ? [{ start, text, tone: null }] : [];
  const cuts = new Set([start, end]);
  for (const mark of touching) {
    cuts.add(Math.max(start, mark.start));
    cuts.add(Math.min(end, mark.end));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const pieces = sorted.slice(0, -1).map((from, at) => ({
    start: from,
    text: points.slice(from - start, (sorted[at + 1] ?? end) - start).join(""),
    tone: toneAt(from, touching),
  }));
  return joinEqual(pieces);
}

function toneAt(position: number, marks: readonly Mark[]): Segment["tone"] {
  const here = marks.filter((mark) => mark.start <= position && position < mark.end);
  if (here.some((mark) => mark.tone === "on")) return "on";
  return here.length > 0 ? "dim" : null;
}

function joinEqual(pieces: Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last && last.tone === piece.tone) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

import { CodePointIndex } from "@/api/codePoints";
import type { DiffLine } from "@/api/types";

export type Piece = { kind: "same" | "removed" | "added"; text: string };

/** A line to draw. `mixed`: one line whose removed and added words stand in their places. */
export type ShownLine = {
  kind: "same" | "removed" | "added" | "mixed";
  before: number | null;
  after: number | null;
  pieces: Piece[];
};

/**
 * Lines of a hunk as they are drawn: a removed line and the added one that took its place become one where the server
 * found the words that changed between them, unless `apart`.
 *
 * The server lists the removed lines of a change before the added ones, the pairs in the same order.
 */
export function shownLines(hunk: readonly DiffLine[], apart = false): ShownLine[] {
  const shown: ShownLine[] = [];
  for (let at = 0; at < hunk.length; ) {
    const start = at;
    while (hunk[at]?.kind === "removed") at += 1;
    const middle = at;
    while (hunk[at]?.kind === "added") at += 1;
    if (at === start) {
      shown.push(whole(hunk[at] as DiffLine));
      at += 1;
    } else {
      shown.push(...changed(hunk.slice(start, middle), hunk.slice(middle, at), apart));
    }
  }
  return shown;
}

function changed(removed: readonly DiffLine[], added: readonly DiffLine[], apart: boolean): ShownLine[] {
  if (apart) return [...removed, ...added].map(whole);
  const shown: ShownLine[] = [];
  let waiting: ShownLine[] = [];
  for (let at = 0; at < Math.max(removed.length, added.length); at += 1) {
    const old = removed[at];
    const young = added[at];
    if (old && young && old.spans.length + young.spans.length > 0) {
      shown.push(...waiting, mixed(old, young));
      waiting = [];
      continue;
    }
    if (old) shown.push(whole(old));
    // Added lines follow the removed ones beside them, as in any list of changes.
    if (young) waiting.push(whole(young));
  }
  return [...shown, ...waiting];
}

/** A line by itself, with the words that changed in it. */
function whole(line: DiffLine): ShownLine {
  const { kind, before, after } = line;
  return { kind, before, after, pieces: kind === "same" ? [{ kind, text: line.text }] : piecesOf(line, kind) };
}

function piecesOf({ text, spans }: DiffLine, kind: "removed" | "added"): Piece[] {
  const index = new CodePointIndex(text);
  const pieces: Piece[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    const from = index.toUtf16(start);
    const to = index.toUtf16(end);
    if (from > at) pieces.push({ kind: "same", text: text.slice(at, from) });
    pieces.push({ kind, text: text.slice(from, to) });
    at = to;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ kind: "same", text: text.slice(at) });
  return pieces;
}

/** Both lines in one. Without their changed words they are equal, so one walk meets the changes of both in order. */
function mixed(old: DiffLine, young: DiffLine): ShownLine {
  const pieces: Piece[] = [];
  const removed = piecesOf(old, "removed");
  const added = piecesOf(young, "added");
  const next = (from: Piece[]) => from[0];
  while (removed.length > 0 || added.length > 0) {
    const gone = next(removed);
    const come = next(added);
    if (gone && gone.kind !== "same") pieces.push(removed.shift() as Piece);
    else if (come && come.kind !== "same") pieces.push(added.shift() as Piece);
    else takeEqual(removed, added, pieces);
  }
  return { kind: "mixed", before: old.before, after: young.after, pieces: inPhrases(pieces) };
}

/** Words replaced one after the other are read as one phrase for another, not word by word. */
function inPhrases(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  let gone = "";
  let come = "";
  const flush = () => {
    if (gone) found.push({ kind: "removed", text: gone });
    if (come) found.push({ kind: "added", text: come });
    gone = come = "";
  };
  pieces.forEach(({ kind, text }, at) => {
    if (kind === "removed") gone += text;
    else if (kind === "added") come += text;
    else if (gone && come && text.trim() === "" && pieces[at + 1]) {
      gone += text;
      come += text;
    } else {
      flush();
      found.push({ kind, text });
    }
  });
  flush();
  return found;
}

/** Moves the equal text that both begin with, as far as the shorter one goes. */
function takeEqual(removed: Piece[], added: Piece[], pieces: Piece[]) {
  const length = Math.min(removed[0]?.text.length ?? Number.POSITIVE_INFINITY, added[0]?.text.length ?? Number.POSITIVE_INFINITY);
  const text = (removed[0] ?? added[0])?.text.slice(0, length) ?? "";
  for (const side of [removed, added]) {
    const first = side.shift();
    if (first && first.text.length > length) side.unshift({ kind: "same", text: first.text.slice(length) });
  }
  if (text) pieces.push({ kind: "same", text });
}

/** How many lines lie between the end of one hunk and the start of the next; null where that is not known. */
export function linesBetween(before: readonly DiffLine[] | undefined, after: readonly DiffLine[]): number | null {
  const first = after.find((line) => line.after !== null)?.after ?? null;
  if (first === null) return null;
  const last = before ? before.findLast((line) => line.after !== null)?.after : 0;
  return last === undefined || last === null ? null : Math.max(0, first - last - 1);
}

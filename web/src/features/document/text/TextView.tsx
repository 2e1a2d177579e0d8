import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, type Ref } from "react";
import { inWords } from "@/api/errors";
import { EmptyState, Spinner } from "@/ui";
import { CitationMap } from "../CitationMap";
import { PASSAGE_AT, scrollToY } from "../motion";
import type { Passage, Position, ViewHandle, ViewProps } from "../types";
import { buildBlocks, type Block } from "./blocks";
import type { Mark } from "./highlight";
import { TextBlock } from "./TextBlock";
import { useTextWindow, type LoadedText } from "./useTextWindow";

type TextViewProps = ViewProps & { ref?: Ref<ViewHandle> };

/** More is loaded when less than this many views of text lie beyond the edge. */
const AHEAD_VIEWS = 1.5;

/** A document as text, laid out from its ranges, with the exact span marked. */
export function TextView({ ref, document, passage, others, zoom, rtl, onPosition }: TextViewProps) {
  const { loaded, error, grow } = useTextWindow(document, passage);
  if (!loaded) {
    return (
      <div className="desk desk-wait" aria-busy={!error}>
        {error ? (
          <EmptyState icon="alert" title="This document could not be opened">
            {inWords(error)}
          </EmptyState>
        ) : (
          <>
            <Spinner />
            <span className="sr">Opening the document</span>
          </>
        )}
      </div>
    );
  }
  return (
    <Paper
      ref={ref}
      key={`${document.id}/${document.version}`}
      loaded={loaded}
      grow={grow}
      {...{ passage, others, zoom, rtl, onPosition }}
    />
  );
}

type PaperProps = Omit<ViewProps, "document"> & {
  ref?: Ref<ViewHandle>;
  loaded: LoadedText;
  grow: (side: "before" | "after") => Promise<void>;
};

function Paper({ ref, loaded, grow, passage, others, zoom, rtl, onPosition }: PaperProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const blocks = useMemo(() => buildBlocks(loaded), [loaded]);
  const marks = useMemo(() => marksOf(passage, others), [passage, others]);
  const keepPlace = useKeptPlace(scroller, loaded);
  useGoToPassage(scroller, passage, loaded);

  const settle = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    keepPlace();
    onPosition(positionOf(element, blocks, loaded));
    const ahead = AHEAD_VIEWS * element.clientHeight;
    if (element.scrollTop < ahead) void grow("before");
    if (element.scrollHeight - element.scrollTop - element.clientHeight < ahead) void grow("after");
  }, [blocks, grow, keepPlace, loaded, onPosition]);

  useEffect(settle, [settle]);
  useImperativeHandle(ref, () => ({
    turn: (step) => scroller.current && turnPage(scroller.current, step),
  }));

  return (
    <>
      <div ref={scroller} className="desk scroll" tabIndex={0} role="region" aria-label="Text" onScroll={settle}>
        <article className="txt-page" dir={rtl ? "rtl" : "auto"} style={{ fontSize: `${0.8125 * zoom}rem` }}>
          {blocks.map((block) => (
            <TextBlock key={`${block.kind}-${block.start}`} block={block} marks={marksIn(block, marks)} />
          ))}
          {blocks.length === 0 && <p className="muted">There is no text here.</p>}
        </article>
      </div>
      <CitationMap places={mapPlaces(marks, loaded)} />
    </>
  );
}

const noMarks: Mark[] = [];

/** Blocks without marks get one and the same empty list, so that they are not drawn again when the passage changes. */
function marksIn(block: Block, marks: readonly Mark[]): readonly Mark[] {
  if (block.kind === "divider") return noMarks;
  const end = block.kind === "table" ? Number.POSITIVE_INFINITY : block.start + block.text.length;
  return marks.some((mark) => mark.end > block.start && mark.start < end) ? marks : noMarks;
}

function marksOf(passage: Passage | null, others: readonly Passage[]): Mark[] {
  const dim = others.map(({ start, end }) => ({ start, end, tone: "dim" as const }));
  return passage ? [...dim, { start: passage.start, end: passage.end, tone: "on" }] : dim;
}

const mapPlaces = (marks: readonly Mark[], loaded: LoadedText) =>
  marks.map((mark) => ({ share: mark.start / Math.max(1, loaded.chars), on: mark.tone === "on" }));

const placed = (element: HTMLElement) => [...element.querySelectorAll<HTMLElement>("[data-start]")];

/** The page, slide or sheet in view; in a text without any, how far down the reader is. */
function positionOf(element: HTMLElement, blocks: readonly Block[], loaded: LoadedText): Position {
  const line = element.getBoundingClientRect().top + element.clientHeight * 0.4;
  const here = placed(element).findLast((block) => block.getBoundingClientRect().top <= line);
  const start = Number(here?.dataset.start ?? loaded.start);
  const divider = unitsIn(loaded).findLast((unit) => unit.start <= start) ?? null;
  if (divider) return { unit: divider.unit, number: divider.number, total: null };
  const allLoaded = loaded.start === 0 && loaded.end >= loaded.chars;
  if (allLoaded && element.scrollHeight <= element.clientHeight + 2) return { unit: "whole" };
  const atEnd = loaded.end >= loaded.chars && element.scrollTop + element.clientHeight >= element.scrollHeight - 2;
  const first = blocks[0]?.start ?? 0;
  const share = atEnd ? 1 : start <= first && loaded.start === 0 ? 0 : start / Math.max(1, loaded.chars);
  return { unit: "share", share };
}

type Unit = { unit: "page" | "slide" | "sheet"; start: number; number: number };

function unitsIn(loaded: LoadedText): Unit[] {
  const units: Unit[] = [];
  for (const { kind, start, level } of loaded.ranges) {
    if (kind === "page" || kind === "slide" || kind === "sheet") units.push({ unit: kind, start, number: level });
  }
  return units.sort((a, b) => a.start - b.start);
}

/** To the next or previous page, slide or sheet; by a screenful where there are none. */
function turnPage(element: HTMLElement, step: 1 | -1) {
  const edge = element.getBoundingClientRect().top;
  const tops = [...element.querySelectorAll<HTMLElement>(".txt-divider")].map(
    (divider) => divider.getBoundingClientRect().top - edge + element.scrollTop,
  );
  const wanted =
    step === 1
      ? tops.find((top) => top > element.scrollTop + 24)
      : tops.findLast((top) => top < element.scrollTop - 24);
  scrollToY(element, wanted === undefined ? element.scrollTop + step * element.clientHeight * 0.9 : wanted - 12);
}

/** Keeps the line that is being read where it is while text is added or dropped above it. */
function useKeptPlace(scroller: React.RefObject<HTMLDivElement | null>, loaded: LoadedText) {
  const kept = useRef<{ start: string; top: number } | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    const place = kept.current;
    if (!element || !place) return;
    const block = element.querySelector<HTMLElement>(`[data-start="${place.start}"]`);
    if (block) element.scrollTop += block.getBoundingClientRect().top - place.top;
  }, [scroller, loaded]);
  return useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const edge = element.getBoundingClientRect().top;
    // The first and last blocks may be halves, whose start changes when the rest is loaded.
    const whole = placed(element).slice(1, -1);
    const block = whole.find((candidate) => candidate.getBoundingClientRect().top >= edge) ?? whole.at(-1);
    kept.current = block ? { start: block.dataset.start ?? "", top: block.getBoundingClientRect().top } : null;
  }, [scroller]);
}

function useGoToPassage(scroller: React.RefObject<HTMLDivElement | null>, passage: Passage | null, loaded: LoadedText) {
  const gone = useRef("");
  useLayoutEffect(() => {
    const element = scroller.current;
    const key = passage ? `${passage.start}-${passage.end}` : "";
    if (!element || gone.current === key) return;
    const mark = element.querySelector<HTMLElement>('mark[data-tone="on"]');
    if (!mark) return;
    const y = mark.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop;
    scrollToY(element, y - element.clientHeight * PASSAGE_AT, gone.current === "");
    gone.current = key;
  }, [scroller, passage, loaded]);
}

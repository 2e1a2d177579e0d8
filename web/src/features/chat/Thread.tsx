import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, useState } from "react";
import { dayName } from "@/app/dates";
import { IconButton, Spinner } from "@/ui";
import { AnswerBubble, type AnswerActions } from "./answer/AnswerBubble";
import { QuestionBubble, type QuestionActions } from "./QuestionBubble";
import type { Row } from "./thread";

type ThreadProps = {
  /** Under which the place of reading is kept. */
  chatKey: string;
  rows: readonly Row[];
  loadingOlder: boolean;
  hasOlder: boolean;
  onOlder: () => void;
  openKey: { answerKey: string; index: number } | null;
  actions: AnswerActions;
  questionActions: QuestionActions;
};

/** Row heights before they are measured, in pixels. */
const estimates = { day: 60, question: 72, answer: 190 } as const;
/** Nearer to the end than this counts as reading the end. */
const AT_END_PX = 80;
const SETTLED_MS = 250;
/** So many rows before the oldest, older ones are asked for. */
const OLDER_ROWS = 12;

type Place = { offset: number; measured: VirtualItem[] };
/** Where each chat was left, unless that was at its end. */
const places = new Map<string, Place>();

/** The messages, drawn only where they are in view; stays at the end unless the reader has scrolled away from it. */
export function Thread(props: ThreadProps) {
  const { chatKey, rows, hasOlder, loadingOlder, onOlder } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [left] = useState(() => places.get(chatKey));
  const [atEnd, setAtEnd] = useState(!left);
  const wasAtEnd = useRef(atEnd);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimates[rows[index]?.kind ?? "question"],
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    overscan: 6,
    paddingStart: 16,
    paddingEnd: 16,
    initialOffset: left?.offset,
    initialMeasurementsCache: left?.measured,
  });
  const shown = virtualizer.getVirtualItems();
  const first = shown[0]?.index ?? 0;

  const started = useRef(Boolean(left));
  useEffect(() => {
    if (started.current || rows.length === 0) return;
    started.current = true;
    virtualizer.scrollToEnd();
  }, [rows.length, virtualizer]);

  useEffect(() => {
    if (started.current && hasOlder && !loadingOlder && first < OLDER_ROWS) onOlder();
  }, [first, hasOlder, loadingOlder, onOlder]);

  // One's own message is always brought into view, wherever one was reading.
  const newest = rows.findLast((row) => row.kind === "question")?.key;
  const seenNewest = useRef(newest);
  useEffect(() => {
    if (newest === seenNewest.current) return;
    seenNewest.current = newest;
    virtualizer.scrollToEnd();
  }, [newest, virtualizer]);

  // What comes up below the thread, a hint or a longer message being written, must not cover its end. Once more a moment
  // later: where an answer grows just then, the virtualizer scrolls to an end that it worked out before.
  const height = useRef(0);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let settling = 0;
    const toEnd = () => {
      if (started.current && wasAtEnd.current) element.scrollTop = element.scrollHeight;
    };
    const observer = new ResizeObserver(() => {
      height.current = element.clientHeight;
      toEnd();
      window.clearTimeout(settling);
      settling = window.setTimeout(toEnd, SETTLED_MS);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      window.clearTimeout(settling);
    };
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    // Of a height that is new nobody has been told yet: the reader is where they were.
    if (!element || (height.current && element.clientHeight !== height.current)) return;
    const end = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
    setAtEnd(end);
    wasAtEnd.current = end;
    if (end) places.delete(chatKey);
    else places.set(chatKey, { offset: element.scrollTop, measured: virtualizer.measurementsCache });
  }, [chatKey, virtualizer]);

  return (
    <div className="thread-wrap">
      <div
        ref={scroller}
        className="thread scroll"
        role="log"
        aria-label="Messages"
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className="thread-in" style={{ blockSize: virtualizer.getTotalSize() }}>
          {shown.map((item) => {
            const row = rows[item.index];
            return row ? (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className="thread-row"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <ThreadRow row={row} {...props} />
              </div>
            ) : null;
          })}
        </div>
      </div>
      {loadingOlder && (
        <span className="older">
          <Spinner />
          <span className="sr">Loading older messages</span>
        </span>
      )}
      {!atEnd && (
        <IconButton
          icon="down"
          label="Go to the latest message"
          className="latest"
          onClick={() => virtualizer.scrollToEnd({ behavior: "smooth" })}
        />
      )}
    </div>
  );
}

function ThreadRow({ row, openKey, actions, questionActions }: ThreadProps & { row: Row }) {
  if (row.kind === "day") return <p className="day">{dayName(row.at)}</p>;
  if (row.kind === "question") return <QuestionBubble row={row} {...questionActions} />;
  const mine = openKey && row.versions.some((version) => (version.turnId ?? version.id) === openKey.answerKey);
  return <AnswerBubble row={row} openKey={mine ? openKey : null} actions={actions} />;
}

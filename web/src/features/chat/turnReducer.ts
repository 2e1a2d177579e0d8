import { sliceCodePoints } from "@/api/codePoints";
import type { AnswerStatus, Citation, CodedError, TurnEvent, Verdict, Withdrawn } from "@/api/types";

export type LiveSentence = { start: number; end: number; verdict: Verdict; citations: number[] };

/** What the events of one turn amount to so far. Offsets count code points of `text`. */
export type TurnState = {
  turnId: string;
  /** When it was asked for, or the time of its newest event. */
  at: string;
  /** The last event that was applied; every event up to it was. */
  lastSeq: number;
  /** Events that arrived before one that precedes them. */
  early: readonly TurnEvent[];
  status: AnswerStatus;
  questionId: string | null;
  answerId: string | null;
  /** Turns of the same conversation that run before this one. */
  position: number;
  model: string | null;
  /** The passages found: what the bot is reading while it has not written yet. */
  passages: readonly { title: string; page: number | null }[];
  text: string;
  sentences: readonly LiveSentence[];
  citations: readonly Citation[];
  /** Text that was taken back and stays in view, struck through. */
  withdrawn: readonly Withdrawn[];
  /** Sentences that were written and never shown. */
  withheld: number;
  abstained: boolean;
  cached: boolean;
  supportRate: number | null;
  error: (CodedError & { retryable: boolean }) | null;
};

export const startTurn = (turnId: string, questionId: string | null = null, at = ""): TurnState => ({
  turnId,
  at,
  lastSeq: 0,
  early: [],
  status: "queued",
  questionId,
  answerId: null,
  position: 0,
  model: null,
  passages: [],
  text: "",
  sentences: [],
  citations: [],
  withdrawn: [],
  withheld: 0,
  abstained: false,
  cached: false,
  supportRate: null,
  error: null,
});

export const isOver = (status: AnswerStatus): boolean =>
  status === "completed" || status === "stopped" || status === "failed";

/**
 * Applies one event. Events are numbered from 1 without gaps: a repeated one changes nothing, one that comes too
 * early waits for those before it. Returns the same object when nothing changed.
 */
export function reduceTurn(state: TurnState, event: TurnEvent): TurnState {
  if (event.seq <= state.lastSeq || isOver(state.status)) return state;
  if (event.seq > state.lastSeq + 1) return holdBack(state, event);
  return releaseEarly({ ...applyEvent(state, event), lastSeq: event.seq });
}

/** Applies what was held back although an event before it is missing: the server has said that there is none. */
export function closeGap(state: TurnState): TurnState {
  const first = state.early[0];
  return first ? releaseEarly({ ...state, lastSeq: first.seq - 1 }) : state;
}

function holdBack(state: TurnState, event: TurnEvent): TurnState {
  if (state.early.some((known) => known.seq === event.seq)) return state;
  return { ...state, early: [...state.early, event].sort((a, b) => a.seq - b.seq) };
}

function releaseEarly(state: TurnState): TurnState {
  const [next, ...rest] = state.early;
  if (!next || next.seq > state.lastSeq + 1) return state;
  if (next.seq <= state.lastSeq) return releaseEarly({ ...state, early: rest });
  return releaseEarly({ ...applyEvent(state, next), lastSeq: next.seq, early: rest });
}

function applyEvent(before: TurnState, event: TurnEvent): TurnState {
  const state = event.at ? { ...before, at: event.at } : before;
  switch (event.type) {
    case "turn.queued":
      return { ...state, questionId: event.question_id, position: event.position };
    case "turn.started":
      return { ...state, status: "running", model: event.model, position: 0 };
    case "retrieved":
      return { ...state, passages: event.passages.map(({ document, page }) => ({ title: document.title, page })) };
    case "token":
      return { ...state, status: "running", text: state.text + event.text };
    case "retracted":
      return cut(state, event);
    case "citation":
      return { ...state, citations: withCitation(state.citations, event) };
    case "checked":
      return { ...state, sentences: withSentence(state.sentences, event) };
    case "completed":
      return {
        ...state,
        status: "completed",
        answerId: event.answer_id,
        abstained: event.abstained,
        cached: event.cached ?? false,
        withheld: event.withheld ?? 0,
        supportRate: event.support_rate,
        model: event.model,
      };
    case "stopped":
      return { ...state, status: "stopped", answerId: event.answer_id };
    case "failed":
      return {
        ...state,
        status: "failed",
        error: { code: event.code, message: event.message, retryable: event.retryable },
      };
    default:
      return state; // understood, and whatever later versions of Parley tell
  }
}

type RetractedEvent = Extract<TurnEvent, { type: "retracted" }>;

/** Cuts text out, as the server does: offsets of later events count without it. */
function cut(state: TurnState, event: RetractedEvent): TurnState {
  const { start, end } = event;
  const sentences = state.sentences
    .filter((sentence) => sentence.end <= start || sentence.start >= end)
    .map((sentence) => (sentence.start >= end ? moved(sentence, start - end) : sentence));
  const used = new Set(sentences.flatMap((sentence) => sentence.citations));
  return {
    ...state,
    text: sliceCodePoints(state.text, 0, start) + sliceCodePoints(state.text, end),
    sentences,
    withdrawn: withWithdrawn(state, event),
    citations: state.citations.filter((citation) => used.has(citation.n)),
  };
}

function withWithdrawn(state: TurnState, { start, end, reason, shown }: RetractedEvent): Withdrawn[] {
  const before = state.withdrawn.map((known) => ({ ...known, at: Math.min(known.at, start) }));
  const text = sliceCodePoints(state.text, start, end);
  return shown && text.trim() ? [...before, { at: start, text, reason }] : before;
}

const moved = (sentence: LiveSentence, by: number): LiveSentence => ({
  ...sentence,
  start: sentence.start + by,
  end: sentence.end + by,
});

type CheckedEvent = Extract<TurnEvent, { type: "checked" }>;
type CitationEvent = Extract<TurnEvent, { type: "citation" }>;

function withSentence(sentences: readonly LiveSentence[], event: CheckedEvent): LiveSentence[] {
  const { start, end, verdict, citations } = event;
  const others = sentences.filter((known) => known.end <= start || known.start >= end);
  return [...others, { start, end, verdict, citations }].sort((a, b) => a.start - b.start);
}

function withCitation(citations: readonly Citation[], event: CitationEvent): Citation[] {
  const { n, document, page, start, end } = event;
  if (!document) return [...citations]; // its source may not be shown any more
  const others = citations.filter((known) => known.n !== n);
  return [...others, { n, document, page, start, end }].sort((a, b) => a.n - b.n);
}

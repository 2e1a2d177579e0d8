import type { Answer, Attachment, Citation, CodedError, Hit, Message, Verdict, Withdrawn } from "@/api/types";
import { branchOf } from "./branches";
import { isOver, type TurnState } from "./turnReducer";

/** A message on its way out: not yet known to the server. */
export type Outgoing = {
  id: string;
  text: string;
  at: string;
  attachments: Attachment[];
  /** `waiting`: no connection, it goes out by itself; `failed`: refused, the reader decides. */
  status: "sending" | "waiting" | "failed";
  failure: string | null;
  /** The message that it follows, where that is not the newest one. */
  parentId?: string | null;
};

/** What one conversation knows. `messages` are stored ones, oldest first; `turns` are followed live. */
export type ThreadState = {
  messages: readonly Message[];
  outbox: readonly Outgoing[];
  turns: Readonly<Record<string, TurnState>>;
  /** Ids under which messages were first drawn, so that nothing is drawn anew when the server's id is known. */
  aliases: Readonly<Record<string, string>>;
  /** Which of a question's versions is looked at, by the message that they follow; the newest one by default. */
  choices?: Readonly<Record<string, string>>;
};

export type Tick = "sending" | "waiting" | "sent" | "thinking" | "answered" | "failed";

export type SentenceView = { text?: string; start: number; end: number; verdict: Verdict | null; citations: number[] };

/** An answer as drawn, be it stored or still being written. Offsets count code points of `text`. */
export type AnswerView = {
  status: "queued" | "running" | "completed" | "stopped" | "failed";
  text: string;
  sentences: readonly SentenceView[];
  citations: readonly Citation[];
  nearest: readonly Hit[];
  abstained: boolean;
  model: string | null;
  reading: { title: string; page: number | null } | null;
  passages: number;
  error: (CodedError & { retryable?: boolean }) | null;
  /** Given before, to the same question over the same documents. */
  cached: boolean;
  /** Sentences that were written and never shown, since nothing supports them. */
  withheld: number;
  withdrawn: readonly Withdrawn[];
  rating: Answer["rating"];
  /** What the reader said earlier that the answer was given; `n` where a sentence rests on it. */
  recalled?: Answer["recalled"];
};

export type QuestionRow = {
  kind: "question";
  key: string;
  text: string;
  at: string;
  attachments: readonly Attachment[];
  tick: Tick;
  failure: string | null;
  outgoingId: string | null;
  /** Null while the server does not know it. */
  messageId: string | null;
  /** The ids of the question's versions, this one among them, oldest first; one where it was never edited. */
  siblings: readonly string[];
};

export type AnswerVersion = { id: string; at: string; turnId: string | null; answer: AnswerView };
/** All answers to one question, the newest last. */
export type AnswerRow = { kind: "answer"; key: string; versions: readonly AnswerVersion[] };
export type DayRow = { kind: "day"; key: string; at: string };
export type Row = DayRow | QuestionRow | AnswerRow;

/** The conversation as rows: each question with its answers below it, a line between days. */
export function threadRows(state: ThreadState): Row[] {
  const answers = answersByQuestion(state);
  const branch = branchOf(state.messages, state.choices ?? {});
  const rows: (QuestionRow | AnswerRow)[] = [];
  for (const message of branch.messages) {
    if (message.author_kind === "bot") {
      const orphan = answers.orphans.get(message.id);
      if (orphan) rows.push(orphan);
      continue;
    }
    const answer = answers.of.get(message.id);
    rows.push(questionRow(state, message, answer, branch.siblings.get(message.id) ?? [message.id]));
    if (answer) rows.push(answer);
  }
  rows.push(...state.outbox.map(outgoingRow));
  return withDays(rows);
}

type Grouped = { of: Map<string, AnswerRow>; orphans: Map<string, AnswerRow> };

function answersByQuestion(state: ThreadState): Grouped {
  const questions = new Set(state.messages.filter((known) => known.author_kind !== "bot").map((known) => known.id));
  const versions = new Map<string, AnswerVersion[]>();
  const orphans = new Map<string, AnswerRow>();
  const stored = new Set<string>();
  for (const message of state.messages) {
    if (message.author_kind !== "bot") continue;
    if (message.turn_id) stored.add(message.turn_id);
    const live = message.turn_id ? state.turns[message.turn_id] : undefined;
    const version = live && !isOver(live.status) ? liveVersion(live, message) : storedVersion(message);
    if (message.parent_id && questions.has(message.parent_id)) add(versions, message.parent_id, version);
    else orphans.set(message.id, { kind: "answer", key: `answer:${message.id}`, versions: [version] });
  }
  for (const turn of Object.values(state.turns)) {
    if (!turn.questionId || stored.has(turn.turnId) || (turn.status === "stopped" && !turn.text)) continue;
    add(versions, turn.questionId, liveVersion(turn));
  }
  return { of: answerRows(state, versions), orphans };
}

function answerRows(state: ThreadState, versions: Map<string, AnswerVersion[]>): Map<string, AnswerRow> {
  const rows = new Map<string, AnswerRow>();
  for (const [questionId, all] of versions) {
    // While a turn waits behind another there is nothing to draw: its question's tick says so.
    const shown = all.filter((version, index) => version.answer.status !== "queued" || (index > 0 && all.length > 1));
    if (shown.length)
      rows.set(questionId, { kind: "answer", key: `answer:${keyOf(state, questionId)}`, versions: shown });
  }
  return rows;
}

function add(map: Map<string, AnswerVersion[]>, key: string, version: AnswerVersion) {
  const known = map.get(key);
  if (known) known.push(version);
  else map.set(key, [version]);
}

const keyOf = (state: ThreadState, messageId: string) => state.aliases[messageId] ?? messageId;

function questionRow(
  state: ThreadState,
  message: Message,
  answer: AnswerRow | undefined,
  siblings: readonly string[],
): QuestionRow {
  return {
    kind: "question",
    key: keyOf(state, message.id),
    text: message.text,
    at: message.created_at,
    attachments: message.attachments,
    tick: tickOf(message, answer),
    failure: null,
    outgoingId: null,
    messageId: message.id,
    siblings,
  };
}

function tickOf(message: Message, answer: AnswerRow | undefined): Tick {
  const status = answer?.versions.at(-1)?.answer.status;
  if (status === "running" || status === "queued") return "thinking";
  if (status === "completed" || status === "stopped") return "answered";
  return message.delivery === "failed" ? "failed" : "sent";
}

function outgoingRow(outgoing: Outgoing): QuestionRow {
  return {
    kind: "question",
    key: outgoing.id,
    text: outgoing.text,
    at: outgoing.at,
    attachments: outgoing.attachments,
    tick: outgoing.status,
    failure: outgoing.failure,
    outgoingId: outgoing.id,
    messageId: null,
    siblings: [],
  };
}

/** Kept per message, so that what did not change is not drawn again. */
const storedVersions = new WeakMap<Message, AnswerVersion>();
const liveVersions = new WeakMap<TurnState, AnswerVersion>();

function storedVersion(message: Message): AnswerVersion {
  const known = storedVersions.get(message);
  if (known) return known;
  const { id, created_at: at, turn_id: turnId } = message;
  const version = { id, at, turnId, answer: storedAnswer(message) };
  storedVersions.set(message, version);
  return version;
}

function liveVersion(turn: TurnState, stored?: Message): AnswerVersion {
  const known = liveVersions.get(turn);
  if (known) return known;
  const version = { id: stored?.id ?? turn.turnId, at: turn.at, turnId: turn.turnId, answer: liveAnswer(turn) };
  liveVersions.set(turn, version);
  return version;
}

/** A stored message of a bot as drawn. */
export function storedAnswer(message: Pick<Message, "answer" | "text">): AnswerView {
  const answer: Partial<Answer> = message.answer ?? {};
  return {
    status: answer.status ?? "completed",
    text: message.text,
    sentences: answer.sentences ?? [],
    citations: answer.citations ?? [],
    nearest: answer.nearest ?? [],
    abstained: answer.abstained ?? false,
    model: answer.model ?? null,
    reading: null,
    passages: 0,
    error: answer.error ?? null,
    cached: answer.cached ?? false,
    withheld: answer.withheld ?? 0,
    withdrawn: answer.withdrawn ?? [],
    rating: answer.rating ?? null,
    recalled: answer.recalled ?? [],
  };
}

/** A turn in the making as drawn. */
export function liveAnswer(turn: TurnState): AnswerView {
  return {
    status: turn.status,
    text: turn.text,
    sentences: turn.sentences,
    citations: turn.citations,
    nearest: [],
    abstained: turn.abstained,
    model: turn.model,
    reading: turn.passages[0] ?? null,
    passages: turn.passages.length,
    error: turn.error,
    cached: turn.cached,
    withheld: turn.withheld,
    withdrawn: turn.withdrawn,
    rating: null,
  };
}

function withDays(rows: readonly (QuestionRow | AnswerRow)[]): Row[] {
  const out: Row[] = [];
  let day = "";
  for (const row of rows) {
    const at = row.kind === "question" ? row.at : (row.versions[0]?.at ?? "");
    const next = new Date(at).toDateString();
    // An answer stays with its question even when midnight lies between them.
    if (next !== day && row.kind === "question") {
      day = next;
      out.push({ kind: "day", key: `day:${next}`, at });
    }
    out.push(row);
  }
  return out;
}

/** What the bot is doing, for the line under its name; null when nothing. */
export function activityOf(state: ThreadState): string | null {
  const running = Object.values(state.turns).find((turn) => !isOver(turn.status) && turn.status !== "queued");
  if (!running) return state.outbox.some((message) => message.status === "sending") ? "thinking…" : null;
  if (running.text) return "writing…";
  const [first] = running.passages;
  if (!first) return "searching…";
  return first.page ? `reading ${first.title}, page ${first.page}…` : `reading ${first.title}…`;
}

/** The shapes of `/api/v1`. Times are ISO 8601 in UTC; offsets count code points, end exclusive; pages count from 1. */

export type Page<T> = { items: T[]; next_cursor: string | null };

export type Me = {
  user: { id: string; name: string };
  workspace: { id: string; name: string };
  role: string;
  version: string;
  features: Record<string, boolean>;
};

export type AvatarLook = { icon: string; colour: string };
export type AuthorKind = "contact" | "member" | "bot" | "system";

export type Bot = {
  id: string;
  name: string;
  description: string | null;
  avatar: AvatarLook | null;
  model: { id: string; name: string } | null;
  created_at: string;
  updated_at: string;
  counts: { sources: number; documents: number; ready: number; failed: number; pending: number };
  last_message: { conversation_id: string; text: string; author_kind: AuthorKind; created_at: string } | null;
  activity: { reading: { done: number; total: number } | null };
};

export type BotDraft = { name: string; description?: string; avatar?: AvatarLook };
export type BotPatch = Partial<BotDraft> & { model_id?: string | null };

export type CodedError = { code: string; message: string };
export type Visibility = "citable" | "learn_only";
export type SourceStatus = "scanning" | "reading" | "ready" | "failed" | "cancelled";

export type Source = {
  id: string;
  kind: string;
  name: string;
  root: string | null;
  visibility: Visibility;
  status: SourceStatus;
  /** A file that was dropped into a chat belongs to that conversation alone. */
  conversation_id?: string | null;
  counts: {
    documents: number;
    pending: number;
    ready: number;
    failed: number;
    unchanged: number;
    chunks: number;
    bytes: number;
  };
  error: CodedError | null;
  job_id: string | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  finished_at: string | null;
  bots: string[];
};

export type Document = {
  id: string;
  source_id: string;
  title: string;
  path: string;
  version: number;
  version_id: string;
  pages: number | null;
  chars: number;
  bytes: number;
  media_type: string;
  language: string | null;
  status: string;
  error: CodedError | null;
  chunks: number;
  updated_at: string;
};

export type DocumentRef = { id: string; title: string; path: string; version: number; version_id: string };

export type RangeKind =
  | "page"
  | "heading"
  | "paragraph"
  | "list_item"
  | "table"
  | "table_row"
  | "code"
  | "quote"
  | "slide"
  | "sheet";

export type TextRange = { kind: RangeKind; start: number; end: number; level: number };

export type DocumentText = {
  document_id: string;
  version: number;
  version_id: string;
  chars: number;
  start: number;
  end: number;
  text: string;
  ranges: TextRange[];
};

export type PageRectangles = {
  page: number;
  width: number;
  height: number;
  rectangles: { x: number; y: number; width: number; height: number }[];
};

export type Hit = {
  rank: number;
  score: number;
  scores: { lexical: number | null; dense: number | null; rerank: number | null };
  chunk_id: number;
  text: string;
  heading: string[];
  document: DocumentRef;
  source_id: string;
  citable: boolean;
  page: number | null;
  start: number;
  end: number;
  language: string;
};

export type Citation = {
  n: number;
  document: DocumentRef;
  page: number | null;
  start: number;
  end: number;
  /** Absent while the answer is still being written: events carry spans, not the text of sources. */
  quote?: string;
};

export type Verdict = "supported" | "unsupported" | "conflicting" | "no_claim";

export type Sentence = { text: string; start: number; end: number; verdict: Verdict | null; citations: number[] };

export type Usage = { input_tokens: number; output_tokens: number; estimated: boolean; cost_usd: number | null };

export type AnswerStatus = "queued" | "running" | "completed" | "stopped" | "failed";

export type Answer = {
  status: AnswerStatus;
  abstained: boolean;
  support_rate: number | null;
  sentences: Sentence[];
  citations: Citation[];
  nearest: Hit[];
  model: string | null;
  usage: Usage | null;
  took_ms: number | null;
  error: (CodedError & { retryable?: boolean }) | null;
};

export type Attachment = { source_id: string; name: string; status: string };

export type Message = {
  id: string;
  conversation_id: string;
  seq: number;
  parent_id: string | null;
  author_kind: AuthorKind;
  delivery: string;
  created_at: string;
  text: string;
  attachments: Attachment[];
  turn_id: string | null;
  answer: Answer | null;
};

export type Conversation = {
  id: string;
  bot_id: string;
  channel: string;
  title: string | null;
  mode: "bot" | "human";
  created_at: string;
  last_message_at: string | null;
  last_message: { text: string; author_kind: AuthorKind; created_at: string } | null;
  active_turn_id: string | null;
};

export type Turn = Partial<Answer> & {
  id: string;
  conversation_id: string;
  question_id: string;
  answer_id: string | null;
  status: AnswerStatus;
  model: string | null;
  stages?: { name: string; ms: number }[];
};

type EventOf<T extends string, Body> = { seq: number; type: T; turn_id: string; at?: string } & Body;

export type TurnEvent =
  | EventOf<"turn.queued", { conversation_id: string; question_id: string; position: number }>
  | EventOf<"turn.started", { model: string | null }>
  | EventOf<"understood", { language: string; intent: string; query: string }>
  | EventOf<
      "retrieved",
      { hits: number; passages: { document: { id: string; title: string }; page: number | null }[]; took_ms: number }
    >
  | EventOf<"token", { text: string }>
  | EventOf<"retracted", { start: number; end: number; reason: "provider_failed" | "not_supported" | "leak" }>
  | EventOf<"citation", Omit<Citation, "quote" | "document"> & { document: DocumentRef | null }>
  | EventOf<"checked", { index: number; start: number; end: number; verdict: Verdict; citations: number[] }>
  | EventOf<
      "completed",
      {
        answer_id: string;
        abstained: boolean;
        support_rate: number | null;
        model: string | null;
        usage: Usage | null;
        took_ms: number;
      }
    >
  | EventOf<"stopped", { answer_id: string | null }>
  | EventOf<"failed", { code: string; message: string; retryable: boolean }>;

export type WorkspaceEvent = {
  seq: number;
  type: "source.progress" | "source.changed" | "document.failed" | "bot.changed" | "conversation.changed";
  target_id: string;
  done: number | null;
  total: number | null;
  failed: number | null;
  code: string | null;
};

export type Model = {
  id: string;
  name: string;
  kind: "openai";
  base_url: string;
  model: string;
  has_key: boolean;
  key_env: string | null;
  last_test: { ok: boolean; message: string; ms: number; at: string } | null;
};

export type ModelDraft = {
  name: string;
  kind: "openai";
  base_url: string;
  model: string;
  key?: string | null;
  key_env?: string | null;
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  retryable: boolean;
};

/**
 * The shapes of `/api/v1`, under the names this app uses. They are generated from the server's own description
 * (`npm run api`); what OpenAPI cannot say of them is said here.
 *
 * Times are ISO 8601 in UTC; offsets count code points, end exclusive; pages count from 1.
 */
import type {
  AnswerView,
  Avatar,
  BotIn,
  BotOut,
  BotPatch as BotPatchIn,
  CitationView,
  ConversationView,
  DocumentOut,
  DocumentRef,
  DocumentText as DocumentTextOut,
  EmbedderIn,
  EmbedderView,
  ErrorOut,
  GenerationView,
  MessageView,
  ModelIn,
  ModelView,
  SentenceView,
  SourceCounts,
  SourceOut,
  StatusOut,
  TurnView,
  Usage,
  WithdrawnView,
} from "./generated/types.gen";

export type {
  Chunking,
  ChunkingOut,
  ChunkOut as Chunk,
  ChunkPreview,
  DiffLineOut as DiffLine,
  CategoryOut as FaqCategory,
  DocumentRef,
  FaqOut as FaqEntry,
  Hit,
  ImportOut as FaqImport,
  Me,
  NoteOut as Note,
  PreviewedChunk,
  Problem,
  SourcePatch,
  Usage,
  VersionDiff,
  VersionOut as Version,
} from "./generated/types.gen";

export type Page<T> = { items: T[]; next_cursor: string | null };

/** The server fills in what a description calls optional because it has a default. */
export type AvatarLook = { icon: string; colour: NonNullable<Avatar["colour"]> };
export type AuthorKind = MessageView["author_kind"];
export type CodedError = ErrorOut;

export type Bot = Omit<BotOut, "avatar"> & { avatar: AvatarLook };
export type BotDraft = Omit<BotIn, "avatar"> & { avatar?: AvatarLook };
export type BotPatch = Omit<BotPatchIn, "avatar"> & { avatar?: AvatarLook };

export type Visibility = SourceOut["visibility"];
export type SourceStatus = SourceOut["status"];
export type Source = Omit<SourceOut, "counts"> & { counts: Required<SourceCounts> };
export type Document = DocumentOut;

export type RangeKind =
  "page" | "heading" | "paragraph" | "list_item" | "table" | "table_row" | "code" | "quote" | "slide" | "sheet";
export type TextRange = { kind: RangeKind; start: number; end: number; level: number };
export type DocumentText = Omit<DocumentTextOut, "ranges"> & { ranges: TextRange[] };

/** In points of the page, origin at its top left. */
export type PageRectangles = {
  page: number;
  width: number;
  height: number;
  rectangles: { x: number; y: number; width: number; height: number }[];
};

/** Text that was shown and taken back; `at` is where in the answer it stood. */
export type Withdrawn = WithdrawnView;
/** `quote` is absent while the answer is being written: events carry spans, not the text of sources. */
export type Citation = Omit<CitationView, "quote"> & { quote?: string };
export type Sentence = SentenceView;
export type Verdict = Sentence["verdict"];
export type AnswerStatus = AnswerView["status"];
export type Answer = AnswerView;
export type Attachment = MessageView["attachments"][number];
export type Message = MessageView;
export type Conversation = ConversationView;
export type Turn = TurnView;

export type Model = ModelView;
/** The key is written and never read; the generator leaves such fields out. */
export type ModelDraft = Omit<ModelIn, "key"> & { key?: string | null };

/** What the server leaves out when it has nothing to say has a default here. */
export type Embedder = Required<EmbedderView>;
export type Status = StatusOut;
export type EmbedderDraft = Pick<EmbedderIn, "name" | "kind" | "model" | "base_url" | "key_env"> & { key?: string | null };
export type Generation = GenerationView;
export type { Estimate } from "./generated/types.gen";

type EventOf<T extends string, Body> = { seq: number; type: T; turn_id: string; at?: string } & Body;

export type TurnEvent =
  | EventOf<"turn.queued", { conversation_id: string; question_id: string; position: number }>
  | EventOf<"turn.started", { model: string | null }>
  | EventOf<
      "understood",
      {
        language: string;
        intent: string;
        query: string;
        sentiment?: string;
        emotion?: string;
        tone?: string | null;
        parts?: string[];
        spread?: boolean;
      }
    >
  | EventOf<
      "retrieved",
      { hits: number; passages: { document: { id: string; title: string }; page: number | null }[]; took_ms: number }
    >
  | EventOf<"token", { text: string }>
  | EventOf<"retracted", { start: number; end: number; reason: Withdrawn["reason"]; shown?: boolean }>
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
        cached?: boolean;
        withheld?: number;
      }
    >
  | EventOf<"stopped", { answer_id: string | null }>
  | EventOf<"failed", { code: string; message: string; retryable: boolean }>;

export type WorkspaceEvent = {
  seq: number;
  type:
    | "source.progress"
    | "source.changed"
    | "document.failed"
    | "bot.changed"
    | "conversation.changed"
    | "generation.progress"
    | "generation.changed";
  target_id: string;
  done: number | null;
  total: number | null;
  failed: number | null;
  code: string | null;
};

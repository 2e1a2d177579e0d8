import type { DocumentRef } from "@/api/types";

/** A span of a document version, with its page where there are pages. */
export type Passage = { start: number; end: number; page: number | null };

/** What a view of a document is told: which document, which passage stands out, which others are paler. */
export type ViewProps = {
  document: DocumentRef;
  passage: Passage | null;
  others: readonly Passage[];
  zoom: number;
  /** Right-to-left writing: the marker sweeps from the other side. */
  rtl: boolean;
  onPosition: (position: Position) => void;
};

/** Where the reader is: on a page of so many, so far (0 to 1) down a text without pages, or before all of it. */
export type Position =
  | { unit: "page" | "slide" | "sheet"; number: number; total: number | null }
  | { unit: "share"; share: number }
  | { unit: "whole" };

/** Lets the frame around a view turn its pages. */
export type ViewHandle = { turn: (step: 1 | -1) => void };

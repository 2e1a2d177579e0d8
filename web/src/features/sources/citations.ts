import type { Citation, Document, DocumentRef } from "@/api/types";

export type ReadableDocument = Document & { version: number; version_id: string };

export function refOf(file: Document): DocumentRef {
  return { id: file.id, title: file.title, path: file.path, version: file.version ?? 1, version_id: file.version_id ?? "" };
}

/** Opens a document from its beginning: an empty span marks no passage. */
export const wholeDocument = (file: Document): Citation => ({
  n: 0,
  document: refOf(file),
  page: null,
  start: 0,
  end: 0,
});

export type Chunk = {
  id: number;
  ordinal: number;
  start: number;
  end: number;
  page: number | null;
  heading: string[];
  kind: string;
  tokens: number;
  language: string;
  text: string;
};

export const chunkCitation = (file: Document, chunk: Chunk): Citation => ({
  n: 0,
  document: refOf(file),
  page: chunk.page,
  start: chunk.start,
  end: chunk.end,
  quote: chunk.text,
});

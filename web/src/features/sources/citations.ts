import type { Chunk, Citation, Document, DocumentRef } from "@/api/types";

export function refOf(file: Document): DocumentRef {
  return { id: file.id, title: file.title, path: file.path, version: file.version ?? 1, version_id: file.version_id ?? "" };
}

/** Opens a version of a document from its beginning: an empty span marks no passage. */
export const wholeVersion = (version: DocumentRef): Citation => ({ n: 0, document: version, page: null, start: 0, end: 0 });

export const wholeDocument = (file: Document): Citation => wholeVersion(refOf(file));

export const chunkCitation = (file: Document, chunk: Chunk): Citation => ({
  n: 0,
  document: refOf(file),
  page: chunk.page,
  start: chunk.start,
  end: chunk.end,
  quote: chunk.text,
});

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { inWords } from "@/api/errors";
import { get } from "@/api/http";
import type { Chunk, Citation, Document, Page } from "@/api/types";
import { EmptyState, Spinner, VirtualList } from "@/ui";
import { chunkCitation } from "./citations";
import { countOf } from "./words";

const CHUNK_PAGE = 50;

function useChunks(file: Document) {
  const query = useInfiniteQuery({
    queryKey: ["chunks", file.version_id, file.chunks],
    enabled: Boolean(file.version_id),
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Chunk>>(
        `/documents/${file.id}/chunks`,
        { version: file.version, limit: CHUNK_PAGE, cursor: pageParam },
        signal,
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
  const chunks = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, chunks };
}

type PassagesProps = { file: Document; onOpen: (citation: Citation) => void };

/** How a file is read: the passages that retrieval can find, in order, with the headings that go with them. */
export function Passages({ file, onOpen }: PassagesProps) {
  const { chunks, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useChunks(file);
  if (file.version === null) return <p className="hint">There are no passages: it has not been read.</p>;
  if (chunks.length === 0)
    return (
      <div className="files-none">
        {error ? (
          <EmptyState icon="alert" title="The passages could not be loaded">
            {inWords(error)}
          </EmptyState>
        ) : isPending ? (
          <Spinner />
        ) : (
          <p className="muted">No passages.</p>
        )}
      </div>
    );
  return (
    <VirtualList
      className="chunks"
      items={chunks}
      getKey={(chunk) => String(chunk.id)}
      estimateSize={110}
      label="Passage list"
      onEndReached={hasNextPage && !isFetchingNextPage ? fetchNextPage : undefined}
      renderItem={(chunk) => <ChunkCard chunk={chunk} onOpen={() => onOpen(chunkCitation(file, chunk))} />}
    />
  );
}

function ChunkCard({ chunk, onOpen }: { chunk: Chunk; onOpen: () => void }) {
  const at = chunk.ordinal + 1;
  return (
    <button type="button" className="chunk" onClick={onOpen} title="Open it in the document">
      <span className="chunk-at">
        <span className="clip">{chunk.heading.join(" › ")}</span>
        <span className="num nb">{chunk.page ? `page ${chunk.page}, passage ${at}` : `passage ${at}`}</span>
      </span>
      <span className="chunk-text">{chunk.text.replaceAll(/\n{2,}/gu, "\n")}</span>
      <span className="chunk-size num">{countOf(chunk.tokens, "token")}</span>
    </button>
  );
}

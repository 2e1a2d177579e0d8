import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { inWords } from "@/api/errors";
import { get } from "@/api/http";
import type { Citation, Document, Page } from "@/api/types";
import { Button, Spinner, VirtualList } from "@/ui";
import { chunkCitation, wholeDocument, type Chunk } from "./citations";
import { countOf } from "./words";

const CHUNK_PAGE = 50;

function useChunks(file: Document | null) {
  const query = useInfiniteQuery({
    queryKey: ["chunks", file?.version_id],
    enabled: Boolean(file?.version_id),
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      get<Page<Chunk>>(`/documents/${file?.id}/chunks`, { limit: CHUNK_PAGE, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
  const chunks = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, chunks };
}

type ChunkPaneProps = { file: Document | null; onOpen: (citation: Citation) => void };

/** How a file is read: the passages that retrieval can find, in order, with the headings that go with them. */
export function ChunkPane({ file, onOpen }: ChunkPaneProps) {
  const { chunks, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useChunks(file);
  return (
    <section className="chunk-pane" aria-labelledby="chunks-title">
      <div className="sub-head">
        <h2 className="h3 clip" id="chunks-title">
          How it is read
        </h2>
        {file && (
          <Button size="sm" icon="panel" onClick={() => onOpen(wholeDocument(file))}>
            Open
          </Button>
        )}
      </div>
      {file ? (
        <>
          <p className="hint clip" title={file.title}>
            {file.title}. {countOf(file.chunks, "passage")}.
          </p>
          {chunks.length > 0 ? (
            <VirtualList
              className="chunks"
              items={chunks}
              getKey={(chunk) => String(chunk.id)}
              estimateSize={110}
              label="Passage list"
              onEndReached={hasNextPage && !isFetchingNextPage ? fetchNextPage : undefined}
              renderItem={(chunk) => (
                <ChunkCard chunk={chunk} onOpen={() => onOpen(chunkCitation(file, chunk))} />
              )}
            />
          ) : (
            <div className="files-none">
              {error ? <p className="muted">{inWords(error)}</p> : isPending ? <Spinner /> : <p className="muted">No passages.</p>}
            </div>
          )}
        </>
      ) : (
        <p className="hint">Choose a file to see the passages that answers are found in.</p>
      )}
    </section>
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
    </button>
  );
}

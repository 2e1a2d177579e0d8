import { useMemo } from "react";
import { inWords } from "@/api/errors";
import { useChunks } from "@/api/queries/chunks";
import type { Citation, Document } from "@/api/types";
import { EmptyState, Spinner, VirtualList } from "@/ui";
import { chunkCitation } from "../citations";
import { ChunkCard } from "./ChunkCard";
import "./chunking.css";

type PassagesProps = { file: Document; onOpen: (citation: Citation) => void };

/** How a file is read: the passages that retrieval can find, in order, with the headings that go with them. */
export function Passages({ file, onOpen }: PassagesProps) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useChunks(file);
  const chunks = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
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
      getKey={(chunk) => String(chunk.ordinal)}
      estimateSize={120}
      label="Passage list"
      onEndReached={hasNextPage && !isFetchingNextPage ? fetchNextPage : undefined}
      renderItem={(chunk, at) => (
        <ChunkCard chunk={chunk} before={chunks[at - 1]} onOpen={() => onOpen(chunkCitation(file, chunk))} />
      )}
    />
  );
}

import { sliceCodePoints } from "@/api/codePoints";
import type { PreviewedChunk } from "@/api/types";
import { count, countOf } from "../words";

type ChunkCardProps = {
  chunk: PreviewedChunk;
  /** The passage before it, to tell what this one repeats of it. */
  before: PreviewedChunk | undefined;
  /** Opens it in its document; one that is only tried has nothing to open. */
  onOpen?: () => void;
};

/** A passage: where it stands, what it holds from its first to its last character, how long it is. */
export function ChunkCard({ chunk, before, onOpen }: ChunkCardProps) {
  const at = chunk.ordinal + 1;
  const repeated = Math.max(0, Math.min(before?.end ?? 0, chunk.end) - chunk.start);
  const body = (
    <>
      <span className="chunk-at">
        <span className="clip">{chunk.heading.join(" › ")}</span>
        <span className="num nb">{chunk.page ? `page ${chunk.page}, passage ${at}` : `passage ${at}`}</span>
      </span>
      <span className="chunk-text" data-whole={onOpen ? undefined : true} dir="auto">
        {repeated > 0 && (
          <span className="chunk-repeat">
            <span className="sr">Repeated from the passage before: </span>
            {tidy(sliceCodePoints(chunk.text, 0, repeated))}
          </span>
        )}
        {tidy(sliceCodePoints(chunk.text, repeated))}
      </span>
      <span className="chunk-size num">
        {countOf(chunk.tokens, "token")}, characters {count(chunk.start)} to {count(chunk.end)}
        {KINDS[chunk.kind] && `, ${KINDS[chunk.kind]}`}
        {repeated > 0 && `, ${count(repeated)} of them repeated`}
      </span>
    </>
  );
  if (!onOpen) return <div className="chunk">{body}</div>;
  return (
    <button type="button" className="chunk" onClick={onOpen} title="Open it in the document">
      {body}
    </button>
  );
}

const KINDS: Record<string, string> = { table: "a table", code: "code", list: "a list" };

const tidy = (text: string): string => text.replaceAll(/\n{2,}/gu, "\n");

import { useEffect, useMemo, useState } from "react";
import { inWords } from "@/api/errors";
import { useChunkPreview } from "@/api/queries/chunks";
import { useUpdateSource } from "@/api/queries/sources";
import type { Chunking, ChunkPreview, Source } from "@/api/types";
import { Button, Dialog, EmptyState, FieldError, SelectField, Spinner, TextField, toast, VirtualList } from "@/ui";
import { useFiles } from "../useFiles";
import { count, countOf, splitPath } from "../words";
import { ChunkCard } from "./ChunkCard";
import { ruleOf, ruleProblems, STRATEGIES, typedRule, type RuleProblems, type Strategy, type TypedRule } from "./rule";
import "./chunking.css";

type ChunkingDialogProps = {
  source: Source;
  botId: string;
  /** The file to try it on first. */
  fileId: string | undefined;
  onClose: () => void;
};

/** Lets a way of cutting be tried on a file before it is used: nothing changes until it is. */
export function ChunkingDialog({ source, botId, fileId, onClose }: ChunkingDialogProps) {
  const [typed, setTyped] = useState(() => typedRule(source.chunking));
  const [tried, setTried] = useState(fileId);
  const { files } = useFiles(botId, { source_id: source.id, status: "ready" });
  const documentId = tried ?? files[0]?.id;
  const rule = ruleOf(typed);
  const settled = useSettled(rule);
  const update = useUpdateSource();
  const apply = (chunking: Chunking) =>
    update.mutate(
      { id: source.id, chunking },
      {
        onSuccess: () => {
          onClose();
          toast(`${source.name} is cut anew. Search goes on meanwhile`);
        },
      },
    );
  return (
    <Dialog open size="full" title={`How ${source.name} is cut into passages`} onClose={onClose}>
      <div className="cut">
        <form
          className="stack cut-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (rule) apply(rule);
          }}
        >
          <RuleFields typed={typed} problems={ruleProblems(typed)} onChange={setTyped} />
          <SelectField label="Try it on" value={documentId ?? ""} onChange={(event) => setTried(event.target.value)}>
            {files.map((file) => (
              <option key={file.id} value={file.id}>
                {splitPath(file.path).name}
              </option>
            ))}
          </SelectField>
          {update.error && <FieldError>{inWords(update.error)}</FieldError>}
          <p className="hint">
            Using it cuts {countOf(source.counts.ready, "document")} anew in the background. No file is read again, and
            citations keep opening what they cited.
          </p>
          <div className="dialog-actions">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" busy={update.isPending} disabled={!rule || isAsBefore(typed, source)}>
              Use it
            </Button>
          </div>
        </form>
        <Preview documentId={documentId} rule={settled} />
      </div>
    </Dialog>
  );
}

const isAsBefore = (typed: TypedRule, source: Source): boolean =>
  JSON.stringify(typed) === JSON.stringify(typedRule(source.chunking));

type RuleFieldsProps = { typed: TypedRule; problems: RuleProblems; onChange: (typed: TypedRule) => void };

function RuleFields({ typed, problems, onChange }: RuleFieldsProps) {
  const change = (part: Partial<TypedRule>) => onChange({ ...typed, ...part });
  return (
    <>
      <SelectField
        label="Cut"
        value={typed.strategy}
        hint={STRATEGIES.find(({ value }) => value === typed.strategy)?.words}
        onChange={(event) => change({ strategy: event.target.value as Strategy })}
      >
        {STRATEGIES.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <div className="field-pair">
        <TextField
          label="Tokens at most"
          inputMode="numeric"
          placeholder="as usual"
          value={typed.size}
          error={problems.size}
          onChange={(event) => change({ size: event.target.value.trim() })}
        />
        <TextField
          label="Tokens repeated"
          inputMode="numeric"
          placeholder="as usual"
          value={typed.overlap}
          error={problems.overlap}
          onChange={(event) => change({ overlap: event.target.value.trim() })}
        />
      </div>
    </>
  );
}

function Preview({ documentId, rule }: { documentId: string | undefined; rule: Chunking | null }) {
  const query = useChunkPreview(documentId, rule);
  const chunks = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const first = query.data?.pages[0];
  if (!documentId) return <p className="hint">Nothing of this source has been read yet, so there is nothing to try it on.</p>;
  if (query.error) return <EmptyState icon="alert" title="It could not be tried">{inWords(query.error)}</EmptyState>;
  return (
    <section className="cut-preview" aria-label="Preview" aria-busy={query.isFetching}>
      <p className="hint num" role="status">
        {first ? previewWords(first) : ""} {query.isFetching && <Spinner />}
      </p>
      {chunks.length > 0 && (
        <VirtualList
          className="chunks"
          items={chunks}
          getKey={(chunk) => String(chunk.ordinal)}
          estimateSize={160}
          label="Passages as they would be"
          onEndReached={query.hasNextPage && !query.isFetchingNextPage ? query.fetchNextPage : undefined}
          renderItem={(chunk, at) => <ChunkCard chunk={chunk} before={chunks[at - 1]} />}
        />
      )}
    </section>
  );
}

function previewWords({ total, average_tokens: average, size, overlap, cut_at: cutAt }: ChunkPreview): string {
  const said = `${countOf(total, "passage")} of ${count(average)} tokens on average, ${count(size)} at most`;
  const repeated = overlap > 0 ? `, up to ${count(overlap)} repeated` : "";
  return `${said}${repeated}${cutAt ? `, of the first ${count(cutAt)} characters` : ""}.`;
}

const SETTLE_MS = 350;

/** A rule once it has not changed for a moment: each is a request, and what is typed changes by letters. */
function useSettled(rule: Chunking | null): Chunking | null {
  const text = JSON.stringify(rule);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useMemo(() => JSON.parse(settled) as Chunking | null, [settled]);
}

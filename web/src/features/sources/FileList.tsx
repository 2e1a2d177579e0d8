import { useDeferredValue, useEffect, useState } from "react";
import { inWords } from "@/api/errors";
import { useRetryDocument } from "@/api/queries/documents";
import type { Citation, Document, Source } from "@/api/types";
import { Button, EmptyState, Icon, IconButton, SearchField, Segmented, Spinner, toast, VirtualList } from "@/ui";
import { wholeDocument } from "./citations";
import { useFiles } from "./useFiles";
import { count, fileState, isBusy, needYou, picturesOf, splitPath } from "./words";

type Show = "" | "pending" | "failed" | "pictures" | "skipped";

type FileListProps = {
  source: Source;
  botId: string;
  selectedId: string | undefined;
  /** Tells which file to show where none has been chosen. */
  onFirst: (file: Document | undefined) => void;
  onSelect: (file: Document) => void;
  onOpen: (citation: Citation) => void;
};

/** The files of a source, thousands of them: all, those still to be read, those that need the reader. */
export function FileList({ source, botId, selectedId, onFirst, onSelect, onOpen }: FileListProps) {
  const [show, setShow] = useState<Show>("");
  const [words, setWords] = useState("");
  const q = useDeferredValue(words.trim());
  const { files, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useFiles(botId, {
    source_id: source.id,
    ...filterOf(source, show),
    q,
  });
  const first = files.find((file) => file.status === "ready");
  useEffect(() => {
    onFirst(first);
  }, [first, onFirst]);

  return (
    <section className="files" aria-labelledby="files-title">
      <div className="sub-head">
        <h2 className="h3" id="files-title">
          Files
        </h2>
        <Segmented label="Show files" options={choices(source, show)} value={show} onChange={setShow} />
      </div>
      <SearchField
        label="Find a file in this source"
        placeholder="Find a file"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {files.length > 0 ? (
        <VirtualList
          className="files-list"
          items={files}
          getKey={(file) => file.id}
          estimateSize={64}
          label="File list"
          onEndReached={hasNextPage && !isFetchingNextPage ? fetchNextPage : undefined}
          renderItem={(file) => (
            <FileRow file={file} current={file.id === selectedId} onSelect={onSelect} onOpen={onOpen} />
          )}
        />
      ) : (
        <div className="files-none">
          {isPending ? <Spinner /> : <NoFiles error={error} q={q} show={show} busy={isBusy(source)} />}
        </div>
      )}
    </section>
  );
}

/** Pictures and the like need nobody where they lie among documents. */
function filterOf({ kind }: Source, show: Show): { status: string; no_documents?: boolean } {
  if (show === "pictures") return { status: "failed", no_documents: true };
  return show === "failed" && kind !== "upload" ? { status: show, no_documents: false } : { status: show };
}

/** What files can be narrowed to: what there is, and what is chosen. */
function choices(source: Source, show: Show): { value: Show; label: string }[] {
  const { counts } = source;
  const some: [Show, string, number][] = [
    ["pending", "To read", counts.pending],
    ["failed", "Need you", needYou(source)],
    ["pictures", "No documents", picturesOf(source)],
    ["skipped", "Left out", counts.skipped],
  ];
  return [
    { value: "", label: "All" },
    ...some
      .filter(([value, , files]) => files > 0 || value === show || value === "failed")
      .map(([value, label, files]) => ({ value, label: files ? `${label} ${count(files)}` : label })),
  ];
}

type NoFilesProps = { error: unknown; q: string; show: Show; busy: boolean };

function NoFiles({ error, q, show, busy }: NoFilesProps) {
  if (error) return <EmptyState icon="alert" title="The files could not be loaded">{inWords(error)}</EmptyState>;
  if (q) return <p className="muted">No file here is called “{q}”.</p>;
  if (show === "failed") return <EmptyState icon="check" title="Nothing needs you">Every file so far could be read.</EmptyState>;
  if (show === "pending") return <EmptyState icon="check" title="All files have been read" />;
  if (show === "skipped") return <EmptyState icon="check" title="Nothing was left out" />;
  if (show === "pictures") return <EmptyState icon="check" title="All of these are documents" />;
  if (busy) return <p className="muted">Looking for files</p>;
  return (
    <EmptyState icon="folder" title="No files were found">
      Nothing here is of a kind that Parley reads: documents, spreadsheets, slides, e-mail, web pages, text and code.
    </EmptyState>
  );
}

type FileRowProps = Pick<FileListProps, "onSelect" | "onOpen"> & { file: Document; current: boolean };

function FileRow({ file, current, onSelect, onOpen }: FileRowProps) {
  const state = fileState(file);
  const { name, folder } = splitPath(file.path);
  return (
    <div className="file-row" data-tone={state.tone} aria-current={current ? "true" : undefined}>
      <Icon name={state.icon} />
      <button type="button" className="file-main" aria-describedby={`state-${file.id}`} onClick={() => onSelect(file)}>
        <span className="doc-name clip" title={file.path}>
          {name}
        </span>
      </button>
      <span className="file-tools">
        {file.error && <TryAgain file={file} name={name} />}
        {file.version !== null && (
          <IconButton icon="panel" size="sm" label={`Open ${name}`} onClick={() => onOpen(wholeDocument(file))} />
        )}
      </span>
      <p id={`state-${file.id}`} title={file.error ? `${file.error.code}: ${file.path}` : file.path}>
        {state.words}
        {folder && state.tone === "plain" && <span className="file-folder"> · {folder}</span>}
        {file.error && <code className="file-code">{file.error.code}</code>}
      </p>
    </div>
  );
}

function TryAgain({ file, name }: { file: Document; name: string }) {
  const retry = useRetryDocument();
  return (
    <Button
      size="sm"
      busy={retry.isPending}
      aria-label={`Try again: ${name}`}
      onClick={() => retry.mutate(file.id, { onError: (error) => toast(inWords(error), "bad") })}
    >
      Try again
    </Button>
  );
}

import { useDeferredValue, useEffect, useState } from "react";
import { inWords } from "@/api/errors";
import type { Citation, Document, Source } from "@/api/types";
import { EmptyState, Icon, IconButton, SearchField, Segmented, Spinner, VirtualList } from "@/ui";
import { wholeDocument } from "./citations";
import { useFiles } from "./useFiles";
import { count, fileState, isBusy, splitPath } from "./words";

type Show = "" | "pending" | "failed";

type FileListProps = {
  source: Source;
  botId: string;
  selectedId: string | undefined;
  onSelect: (file: Document) => void;
  onOpen: (citation: Citation) => void;
};

/** The files of a source, thousands of them: all, those still to be read, those that need the reader. */
export function FileList({ source, botId, selectedId, onSelect, onOpen }: FileListProps) {
  const [show, setShow] = useState<Show>("");
  const [words, setWords] = useState("");
  const q = useDeferredValue(words.trim());
  const { files, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useFiles(botId, {
    source_id: source.id,
    status: show,
    q,
  });
  const firstReady = files.find((file) => file.status === "ready");
  useEffect(() => {
    if (!selectedId && firstReady) onSelect(firstReady);
  }, [selectedId, firstReady, onSelect]);

  const { pending, failed } = source.counts;
  return (
    <section className="files" aria-labelledby="files-title">
      <div className="sub-head">
        <h2 className="h3" id="files-title">
          Files
        </h2>
        <Segmented
          label="Show files"
          options={[
            { value: "", label: "All" },
            { value: "pending", label: pending ? `To read ${count(pending)}` : "To read" },
            { value: "failed", label: failed ? `Need you ${count(failed)}` : "Need you" },
          ]}
          value={show}
          onChange={setShow}
        />
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

type NoFilesProps = { error: unknown; q: string; show: Show; busy: boolean };

function NoFiles({ error, q, show, busy }: NoFilesProps) {
  if (error) return <EmptyState icon="alert" title="The files could not be loaded">{inWords(error)}</EmptyState>;
  if (q) return <p className="muted">No file here is called “{q}”.</p>;
  if (show === "failed") return <EmptyState icon="check" title="Nothing needs you">Every file so far could be read.</EmptyState>;
  if (show === "pending") return <EmptyState icon="check" title="All files have been read" />;
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
  const readable = file.version !== null;
  return (
    <div className="file-row" data-tone={state.tone} aria-current={current ? "true" : undefined}>
      <Icon name={state.icon} />
      <button
        type="button"
        className="file-main"
        disabled={!readable}
        aria-describedby={`state-${file.id}`}
        onClick={() => {
          onSelect(file);
          // Beside the list the reader sees how it is read; where that lies far below, the file itself is more use.
          if (!window.matchMedia("(min-width: 62.01em)").matches) onOpen(wholeDocument(file));
        }}
      >
        <span className="doc-name clip" title={file.path}>
          {name}
        </span>
      </button>
      {readable && (
        <IconButton icon="panel" size="sm" label={`Open ${name}`} onClick={() => onOpen(wholeDocument(file))} />
      )}
      <p id={`state-${file.id}`} title={file.error ? `${file.error.code}: ${file.path}` : file.path}>
        {state.words}
        {folder && state.tone === "plain" && <span className="file-folder"> · {folder}</span>}
        {file.error && <code className="file-code">{file.error.code}</code>}
      </p>
    </div>
  );
}

import { inWords } from "@/api/errors";
import { useDocument, useRetryDocument } from "@/api/queries/documents";
import type { Citation, Document } from "@/api/types";
import { Button, EmptyState, IconButton, Icon, Menu, Segmented, Spinner, toast } from "@/ui";
import { copyText } from "../chat/clipboard";
import { VersionList } from "../document/versions/VersionList";
import { Passages } from "./chunking/Passages";
import { wholeDocument, wholeVersion } from "./citations";
import { fileState, splitPath } from "./words";

export type FileTab = "passages" | "versions";

const TABS = [
  { value: "passages", label: "Passages" },
  { value: "versions", label: "Versions" },
] as const;

type FilePaneProps = {
  sourceName: string;
  fileId: string | undefined;
  /** What the list knows of the file, shown until more is. */
  listed: Document | undefined;
  tab: FileTab;
  onTab: (tab: FileTab) => void;
  onBack: () => void;
  onOpen: (citation: Citation) => void;
};

/** One file: how it is read and what it was before. */
export function FilePane({ sourceName, fileId, listed, tab, onTab, onBack, onOpen }: FilePaneProps) {
  const { data, error } = useDocument(fileId);
  const file = data ?? listed;
  return (
    <section className="file-pane" aria-label="File">
      <button type="button" className="text-btn only-stacked" onClick={onBack}>
        <Icon name="left" flip />
        All files
      </button>
      <h1 className="sr only-stacked">{sourceName}</h1>
      {file ? (
        <>
          <FileHead file={file} onOpen={onOpen} />
          <Segmented label="What to see of the file" options={TABS} value={tab} onChange={onTab} />
          {tab === "versions" ? (
            <VersionList key={file.id} document={file} onOpen={(version) => onOpen(wholeVersion(version))} />
          ) : (
            <Passages file={file} onOpen={onOpen} />
          )}
        </>
      ) : (
        <NoFile chosen={Boolean(fileId)} error={error} />
      )}
    </section>
  );
}

function NoFile({ chosen, error }: { chosen: boolean; error: unknown }) {
  if (error) return <EmptyState icon="search" title="This file is not here any more">{inWords(error)}</EmptyState>;
  if (chosen) return <Spinner />;
  return <p className="hint">Choose a file to see the passages that answers are found in, and its earlier versions.</p>;
}

function FileHead({ file, onOpen }: { file: Document; onOpen: (citation: Citation) => void }) {
  const retry = useRetryDocument();
  const { name, folder } = splitPath(file.path);
  const state = fileState(file);
  const readable = file.version !== null;
  const again = () =>
    retry.mutate(file.id, {
      onSuccess: () => toast(`${name} is read again`),
      onError: (error) => toast(inWords(error), "bad"),
    });
  return (
    <header className="file-head">
      <div className="grow">
        <h2 className="h3 clip" title={file.path}>
          {file.title || name}
        </h2>
        <p className="hint clip" title={file.path}>
          {folder ? `${folder} › ${name}` : name}
        </p>
      </div>
      {readable && (
        <Button size="sm" icon="panel" onClick={() => onOpen(wholeDocument(file))}>
          Open
        </Button>
      )}
      <Menu
        trigger={<IconButton icon="more" size="sm" label={`More for ${name}`} />}
        items={[
          { label: "Read it again", icon: "retry", onSelect: again, disabled: retry.isPending },
          { label: "Copy its path", icon: "copy", onSelect: () => void copyPath(file.path) },
        ]}
      />
      <p className="file-state" data-tone={state.tone}>
        {state.words}
      </p>
    </header>
  );
}

async function copyPath(path: string) {
  if (await copyText(path)) toast("Path copied");
}

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Citation, Document, Source } from "@/api/types";
import { Icon } from "@/ui";
import { FaqEditor } from "./faq/FaqEditor";
import { FileList } from "./FileList";
import { FilePane } from "./FilePane";
import { NoteEditor } from "./note/NoteEditor";
import { SourceHead } from "./SourceHead";
import { SourceOptions } from "./SourceOptions";
import { SourceProgress } from "./SourceProgress";
import { useChosenFile } from "./useChosenFile";
import { useFiles } from "./useFiles";

type SourceDetailProps = {
  source: Source;
  botId: string;
  onOpen: (citation: Citation) => void;
  onAddFiles: () => void;
};

/** One source: how far it is, what may be done with it, its files and how they are read. */
export function SourceDetail({ source, botId, onOpen, onAddFiles }: SourceDetailProps) {
  const chosen = useChosenFile(source.id, botId);
  const Shown = source.kind === "text" ? NoteAndPassages : Files;
  return (
    <section
      className="detail scroll"
      id="detail"
      aria-label={source.name}
      tabIndex={-1}
      data-shows={chosen.fileId ? "file" : "list"}
    >
      <div className="det-in">
        <div className="det-top">
          <Link className="text-btn only-list" to="/sources/$botId" params={{ botId }}>
            <Icon name="left" flip />
            All sources
          </Link>
          <SourceHead source={source} botId={botId} onAddFiles={onAddFiles} />
        </div>
        <SourceProgress source={source} />
        <SourceOptions source={source} botId={botId} fileId={chosen.fileId} />
        <div className="cols" key={source.id}>
          {source.kind === "faq" ? (
            <FaqEditor
              source={source}
              chosenId={chosen.fileId}
              onChoose={chosen.choose}
              onLeave={chosen.leave}
              onOpen={onOpen}
            />
          ) : (
            <Shown source={source} botId={botId} chosen={chosen} onOpen={onOpen} />
          )}
        </div>
      </div>
    </section>
  );
}

type FilesProps = Pick<SourceDetailProps, "source" | "botId" | "onOpen"> & { chosen: ReturnType<typeof useChosenFile> };

/** The list of files and the one that is looked at: the chosen one, else the first that could be read. */
function Files({ source, botId, chosen, onOpen }: FilesProps) {
  const [first, setFirst] = useState<Document>();
  const fileId = chosen.fileId ?? first?.id;
  return (
    <>
      <FileList
        source={source}
        botId={botId}
        selectedId={fileId}
        onFirst={setFirst}
        onSelect={(file) => chosen.choose(file.id)}
        onOpen={onOpen}
      />
      <FilePane
        sourceName={source.name}
        fileId={fileId}
        listed={first?.id === fileId ? first : undefined}
        tab={chosen.tab}
        onTab={chosen.show}
        onBack={chosen.leave}
        onOpen={onOpen}
      />
    </>
  );
}

/** A note, and how it is read. */
function NoteAndPassages({ source, botId, chosen, onOpen }: FilesProps) {
  const { files } = useFiles(botId, { source_id: source.id });
  const file = files[0];
  return (
    <>
      <NoteEditor source={source} onDetails={file && (() => chosen.choose(file.id))} />
      <FilePane
        sourceName={source.name}
        fileId={file?.id}
        listed={file}
        tab={chosen.tab}
        onTab={chosen.show}
        onBack={chosen.leave}
        onOpen={onOpen}
      />
    </>
  );
}

import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useSources } from "@/api/queries/sources";
import { rememberBot } from "@/app/lastBot";
import type { Citation, Source, Visibility } from "@/api/types";
import { EmptyState, Icon, Spinner, toast } from "@/ui";
import { AddSourceDialog, PickButtons } from "./AddSourceDialog";
import { LazyDocumentPanel, preloadDocumentPanel } from "../document/LazyDocumentPanel";
import { wholeDocument } from "./citations";
import type { PickedFile } from "./dropped";
import { SourceDetail } from "./SourceDetail";
import { SourceList } from "./SourceList";
import { destinationFor } from "./uploadQueue";
import { uploads } from "./uploadStore";
import { useFileDrop } from "./useFileDrop";
import { countOf } from "./words";
import "./sources.css";

type SourcesScreenProps = { botId: string; sourceId?: string };

/** What a bot reads: all its sources, and one of them in detail. */
export function SourcesScreen({ botId, sourceId }: SourcesScreenProps) {
  const { data, error } = useSources(botId);
  // Files dropped into a chat belong to that chat and are seen there.
  const sources = useMemo(() => data?.filter((source) => !source.conversation_id), [data]);
  const add = useAddDialog(botId, sourceId);
  const [opened, setOpened] = useState<Citation | null>(null);
  useEffect(() => rememberBot(botId), [botId]);
  useEffect(() => setOpened(null), [botId, sourceId]);
  useEffect(() => preloadDocumentPanel(), []);

  const addFiles = (files: PickedFile[], visibility: Visibility) => {
    uploads.add(files, destinationFor(files, botId, visibility, sources ?? []));
    // Beside a source the list of uploads is in view; on a narrow screen it is not.
    if (sourceId && window.matchMedia("(max-width: 62em)").matches) toast(`Sending ${countOf(files.length, "file")}`);
  };
  const over = useFileDrop((files) => addFiles(files, "citable"), !add.open);
  const chosen = sources?.find((source) => source.id === sourceId);
  const shown = chosen ?? (sourceId ? undefined : sources?.[0]);

  return (
    <div className="src-app" data-view={sourceId ? "detail" : "list"}>
      <main className="src-main">
        <SourceList
          botId={botId}
          sources={sources}
          error={error}
          currentId={shown?.id}
          onAdd={() => add.show()}
          onOpenFile={(file) => setOpened(wholeDocument(file))}
        />
        {shown ? (
          <SourceDetail source={shown} botId={botId} onOpen={setOpened} onAddFiles={() => add.show()} />
        ) : (
          <section className="detail" aria-label="Source">
            <NoSource sources={sources} missing={Boolean(sourceId)} onPick={(files) => addFiles(files, "citable")} />
          </section>
        )}
      </main>
      {opened && (
        <LazyDocumentPanel
          citations={[opened]}
          index={0}
          sentence={null}
          plain
          onIndex={() => undefined}
          onClose={() => setOpened(null)}
        />
      )}
      <AddSourceDialog
        open={add.open}
        botId={botId}
        firstKind={add.kind}
        onClose={add.hide}
        onFiles={(files, visibility) => {
          addFiles(files, visibility);
          add.hide();
        }}
        onAdded={add.added}
      />
      {over && (
        <div className="drop-cover" aria-hidden="true">
          <p>
            <Icon name="upload" />
            Drop to add as sources
          </p>
        </div>
      )}
    </div>
  );
}

/** The dialog opens from buttons and from addresses that end in #add or, for a folder on this computer, #folder. */
function useAddDialog(botId: string, sourceId: string | undefined) {
  const navigate = useNavigate();
  const hash = useLocation({ select: (location) => location.hash });
  const asked = hash === "add" || hash === "folder";
  const [open, setOpen] = useState(asked);
  useEffect(() => {
    if (asked) setOpen(true);
  }, [asked]);
  const go = (to: string | undefined) =>
    to
      ? navigate({ to: "/sources/$botId/$sourceId", params: { botId, sourceId: to }, replace: true })
      : navigate({ to: "/sources/$botId", params: { botId }, replace: true });
  const hide = () => {
    setOpen(false);
    if (asked) void go(sourceId);
  };
  return {
    open,
    kind: hash === "folder" ? ("folder" as const) : ("files" as const),
    show: () => setOpen(true),
    hide,
    added: (source: Source) => {
      setOpen(false);
      void go(source.id);
    },
  };
}

type NoSourceProps = { sources: readonly Source[] | undefined; missing: boolean; onPick: (files: PickedFile[]) => void };

function NoSource({ sources, missing, onPick }: NoSourceProps) {
  if (!sources) {
    return (
      <div className="files-none" aria-busy="true">
        <Spinner />
        <span className="sr">Loading</span>
      </div>
    );
  }
  if (missing && sources.length > 0) {
    return <EmptyState icon="search" title="This source is not here any more">Choose another one from the list.</EmptyState>;
  }
  return (
    <EmptyState icon="library" title="Nothing to read yet" action={<PickButtons primary onPick={onPick} />}>
      Give this bot files or a folder. It starts to answer from the first ones while it reads the rest.
    </EmptyState>
  );
}

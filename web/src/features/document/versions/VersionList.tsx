import { useState } from "react";
import { inWords } from "@/api/errors";
import { useRollBack, useVersions } from "@/api/queries/versions";
import type { Document, DocumentRef, Version } from "@/api/types";
import { Button, ConfirmDialog, EmptyState, Icon, Spinner, toast } from "@/ui";
import { DiffDialog } from "./DiffDialog";
import { extentOf, momentWords } from "./words";
import "./versions.css";

type VersionListProps = {
  document: Document;
  /** Whether an older version can be put back; not where the text is written in Parley itself. */
  canRollBack?: boolean;
  onOpen: (version: DocumentRef) => void;
};

type Asked = { what: "compare"; before: number; after: number } | { what: "rollback"; version: Version } | null;

/** The history of a document: what each version was, what it changed, and a way back to it. */
export function VersionList({ document, canRollBack = true, onOpen }: VersionListProps) {
  const query = useVersions(document.id);
  const [asked, setAsked] = useState<Asked>(null);
  const versions = query.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = versions[0]?.number ?? 0;
  if (query.isPending) return <Waiting />;
  if (query.error) return <EmptyState icon="alert" title="The versions could not be loaded">{inWords(query.error)}</EmptyState>;
  return (
    <div className="versions-pane scroll" tabIndex={0} role="region" aria-label="Versions">
      {document.rolled_back_at && <RolledBack since={document.rolled_back_at} />}
      {versions.length === 1 && (
        <p className="hint">One version so far. When the document changes, the text before stays here.</p>
      )}
      <ol className="version-list">
        {versions.map((version, at) => (
          <VersionRow
            key={version.id}
            version={version}
            newest={newest}
            before={versions[at + 1]}
            onOpen={() => onOpen(refTo(document, version))}
            onCompare={(before) => setAsked({ what: "compare", before, after: version.number })}
            onRollBack={
              canRollBack && !version.current && document.status !== "removed"
                ? () => setAsked({ what: "rollback", version })
                : undefined
            }
          />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show earlier versions
        </Button>
      )}
      {asked?.what === "compare" && (
        <DiffDialog documentId={document.id} title={document.title} first={asked} onClose={() => setAsked(null)} />
      )}
      {asked?.what === "rollback" && (
        <RollBackDialog document={document} version={asked.version} newest={newest} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

const Waiting = () => (
  <div className="files-none" aria-busy="true">
    <Spinner />
    <span className="sr">Loading</span>
  </div>
);

const refTo = (document: Document, version: Version): DocumentRef => ({
  id: document.id,
  title: version.title,
  path: document.path,
  version: version.number,
  version_id: version.id,
});

function RolledBack({ since }: { since: string }) {
  return (
    <p className="version-note">
      <Icon name="history" size="sm" />
      Answers use an older version since {momentWords(since)}. The next change of the document replaces it.
    </p>
  );
}

type VersionRowProps = {
  version: Version;
  newest: number;
  before: Version | undefined;
  onOpen: () => void;
  onCompare: (before: number) => void;
  onRollBack: (() => void) | undefined;
};

function VersionRow({ version, newest, before, onOpen, onCompare, onRollBack }: VersionRowProps) {
  const { number } = version;
  return (
    <li className="version-row" data-current={version.current || undefined}>
      <p className="version-name">
        <b>Version {number}</b>
        {version.current && <span className="pill pill-ink">In use</span>}
        {number === newest && !version.current && <span className="pill">Newest</span>}
        <time className="muted num" dateTime={version.created_at}>
          {momentWords(version.created_at)}
        </time>
      </p>
      <p className="hint num">{extentOf(version)}</p>
      <p className="version-acts">
        <Button size="sm" icon="panel" onClick={onOpen} aria-label={`Open version ${number}`}>
          Open
        </Button>
        {before && (
          <Button
            size="sm"
            icon="spread"
            onClick={() => onCompare(before.number)}
            aria-label={`What changed in version ${number}`}
          >
            What changed
          </Button>
        )}
        {onRollBack && (
          <Button size="sm" icon="history" onClick={onRollBack} aria-label={`Use this one: version ${number}`}>
            Use this one
          </Button>
        )}
      </p>
    </li>
  );
}

type RollBackDialogProps = { document: Document; version: Version; newest: number; onClose: () => void };

function RollBackDialog({ document, version, newest, onClose }: RollBackDialogProps) {
  const rollBack = useRollBack(document.id);
  const { number } = version;
  const isNewest = number === newest;
  return (
    <ConfirmDialog
      title={`Use version ${number} of ${document.title}?`}
      action={`Use version ${number}`}
      icon="history"
      busy={rollBack.isPending}
      error={rollBack.error && inWords(rollBack.error)}
      onConfirm={() =>
        rollBack.mutate(number, {
          onSuccess: () => {
            onClose();
            toast(`Answers now use version ${number}`);
          },
        })
      }
      onClose={onClose}
    >
      <p>
        {isNewest
          ? "From now on answers use the newest text again."
          : `From now on answers use the text of ${momentWords(version.created_at)}, until the document changes next. No version is lost.`}{" "}
        Answers already given keep opening the version that they cited.
      </p>
    </ConfirmDialog>
  );
}

import { useState } from "react";
import { shortDay } from "@/app/dates";
import type { Document, DocumentRef } from "@/api/types";
import { Button, Icon } from "@/ui";
import { DiffDialog } from "./versions/DiffDialog";

type VersionPillProps = {
  cited: DocumentRef;
  shown: DocumentRef;
  about: Document | undefined;
  onShow: (document: DocumentRef | null) => void;
};

/**
 * Which version is on show. A document that has changed since is shown as it was cited, with a way to the newest; one
 * with a history tells what changed.
 */
export function VersionPill({ cited, shown, about, onShow }: VersionPillProps) {
  const [comparing, setComparing] = useState(false);
  const newest = newestOf(about);
  const newer = newest && newest.version > cited.version;
  const isCited = shown.version === cited.version;
  const date = about && shown.version === about.version ? `, ${shortDay(about.updated_at)}` : "";
  const words = newer && isCited ? `Version ${shown.version} of ${newest.version}` : `Version ${shown.version}${date}`;
  const pair = newer
    ? { before: cited.version, after: newest.version }
    : { before: shown.version - 1, after: shown.version };
  return (
    <>
      {newer && (
        <Button variant="quiet" size="sm" onClick={() => onShow(isCited ? { ...cited, ...newest } : null)}>
          {isCited ? "Show the newest" : "Back to the cited"}
        </Button>
      )}
      {pair.before > 0 ? (
        <button type="button" className="pill pill-btn" title="What changed" onClick={() => setComparing(true)}>
          <Icon name="history" />
          {words}
          <span className="sr">, what changed</span>
        </button>
      ) : (
        <span className="pill">
          <Icon name="history" />
          {words}
        </span>
      )}
      {comparing && (
        <DiffDialog documentId={shown.id} title={shown.title} first={pair} onClose={() => setComparing(false)} />
      )}
    </>
  );
}

/** The version that has been read last; a document that was never read has none. */
function newestOf(about: Document | undefined) {
  if (!about || about.version === null || about.version_id === null) return null;
  return { title: about.title, version: about.version, version_id: about.version_id };
}

import type { Document, DocumentRef } from "@/api/types";
import { Button, Icon } from "@/ui";

type VersionPillProps = {
  cited: DocumentRef;
  shown: DocumentRef;
  about: Document | undefined;
  onShow: (document: DocumentRef | null) => void;
};

/** Which version is on show. A document that has changed since is shown as it was cited, with a way to the newest. */
export function VersionPill({ cited, shown, about, onShow }: VersionPillProps) {
  const newest = newestOf(about);
  const newer = newest && newest.version > cited.version;
  const isCited = shown.version === cited.version;
  const date = about && shown.version === about.version ? `, ${dayWords(about.updated_at)}` : "";
  return (
    <>
      {newer && (
        <Button
          variant="quiet"
          size="sm"
          onClick={() =>
            onShow(isCited ? { ...cited, ...newest } : null)
          }
        >
          {isCited ? "Show the newest" : "Back to the cited"}
        </Button>
      )}
      <span className="pill">
        <Icon name="history" />
        {newer && isCited ? `Version ${shown.version} of ${newest.version}` : `Version ${shown.version}${date}`}
      </span>
    </>
  );
}

/** The version that has been read last; a document that was never read has none. */
function newestOf(about: Document | undefined) {
  if (!about || about.version === null || about.version_id === null) return null;
  return { title: about.title, version: about.version, version_id: about.version_id };
}

export function dayWords(iso: string, now: Date = new Date()): string {
  const date = new Date(iso);
  const sameYear = date.getFullYear() === now.getFullYear();
  return date.toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

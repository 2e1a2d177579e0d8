import { useState } from "react";
import { inWords } from "@/api/errors";
import { useVersionDiff, useVersions } from "@/api/queries/versions";
import type { Version } from "@/api/types";
import { Dialog, EmptyState, FieldError, Segmented, SelectField, Spinner } from "@/ui";
import { DiffView } from "./DiffView";
import { changeWords, momentWords } from "./words";
import "./versions.css";

type Pair = { before: number; after: number };
type DiffDialogProps = { documentId: string; title: string; first: Pair; onClose: () => void };

const VIEWS = [
  { value: "together", label: "In place" },
  { value: "apart", label: "Line by line" },
] as const;

/** What changed between two versions of a document, which can be chosen. */
export function DiffDialog({ documentId, title, first, onClose }: DiffDialogProps) {
  const [pair, setPair] = useState(first);
  const [view, setView] = useState<"together" | "apart">("together");
  const versions = useVersions(documentId);
  const known = versions.data?.pages.flatMap((page) => page.items) ?? [];
  const diff = useVersionDiff(documentId, pair.before, pair.after);
  return (
    <Dialog open size="full" title={`What changed in ${title}`} onClose={onClose}>
      <div className="diff-tools">
        <VersionSelect label="From version" value={pair.before} versions={known} onChange={(before) => setPair({ ...pair, before })} />
        <VersionSelect label="To version" value={pair.after} versions={known} onChange={(after) => setPair({ ...pair, after })} />
        <p className="diff-sum num" role="status">
          {diff.data ? changeWords(diff.data) : ""}
        </p>
        <Segmented label="How changes are shown" options={VIEWS} value={view} onChange={setView} />
      </div>
      {pair.before === pair.after ? (
        <EmptyState icon="history" title="The same version twice">
          Choose another one to compare it with.
        </EmptyState>
      ) : diff.error ? (
        <FieldError>{inWords(diff.error)}</FieldError>
      ) : diff.data ? (
        <DiffView diff={diff.data} apart={view === "apart"} />
      ) : (
        <p role="status">
          <Spinner /> Comparing
        </p>
      )}
    </Dialog>
  );
}

type VersionSelectProps = { label: string; value: number; versions: readonly Version[]; onChange: (number: number) => void };

function VersionSelect({ label, value, versions, onChange }: VersionSelectProps) {
  const listed = versions.some((version) => version.number === value);
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(Number(event.target.value))}>
      {!listed && <option value={value}>{value}</option>}
      {versions.map((version) => (
        <option key={version.id} value={version.number}>
          {version.number}, {momentWords(version.created_at)}
        </option>
      ))}
    </SelectField>
  );
}

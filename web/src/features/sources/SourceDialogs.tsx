import { inWords } from "@/api/errors";
import { useDeleteSource, useRestoreSource, useUpdateSource } from "@/api/queries/sources";
import type { Source } from "@/api/types";
import { CitingAnswers } from "@/features/trace/CitingAnswers";
import { ConfirmDialog, RenameDialog, toast } from "@/ui";
import { countOf, lossWords } from "./words";

type SourceDialogProps = { source: Source; open: boolean; onClose: () => void };

export function RenameSourceDialog({ source, open, onClose }: SourceDialogProps) {
  const update = useUpdateSource();
  return (
    <RenameDialog
      open={open}
      title="Rename source"
      label="Name"
      value={source.name}
      maxLength={500}
      busy={update.isPending}
      error={update.error && inWords(update.error)}
      onRename={(name) => update.mutate({ id: source.id, name }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

export function RemoveDialog({ source, open, onClose, onRemoved }: SourceDialogProps & { onRemoved: () => void }) {
  const remove = useDeleteSource();
  const restore = useRestoreSource();
  const undo = () =>
    restore.mutate(source.id, {
      onSuccess: () => toast(`${source.name} is back`),
      onError: (error) => toast(inWords(error), "bad"),
    });
  const confirm = () =>
    remove.mutate(source.id, {
      onSuccess: () => {
        onClose();
        onRemoved();
        toast(`${source.name} was removed`, "good", { label: "Undo", run: undo });
      },
    });
  return (
    <ConfirmDialog
      danger
      open={open}
      title={`Remove ${source.name}?`}
      action={`Remove ${countOf(source.counts.documents, "document")}`}
      icon="trash"
      busy={remove.isPending}
      error={remove.error && inWords(remove.error)}
      onConfirm={confirm}
      onClose={onClose}
    >
      {lossWords(source, source.bots.length)}
    </ConfirmDialog>
  );
}

export function LearnOnlyDialog({ source, open, onClose, onConfirm }: SourceDialogProps & { onConfirm: () => void }) {
  return (
    <ConfirmDialog
      open={open}
      title={`Only learn from ${source.name}?`}
      action="Learn only"
      icon="eyeoff"
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>
        Its {countOf(source.counts.documents, "document")} go on informing answers, but from the next answer on they
        are never named, quoted or linked, and a sentence that only they support has no citation.
      </p>
      {open && <CitingAnswers source={source} />}
    </ConfirmDialog>
  );
}

import { useState } from "react";
import { inWords } from "@/api/errors";
import { useDeleteSource, useRestoreSource, useUpdateSource } from "@/api/queries/sources";
import type { Source } from "@/api/types";
import { Button, Dialog, TextField, toast } from "@/ui";
import { countOf, lossWords } from "./words";

type SourceDialogProps = { source: Source; open: boolean; onClose: () => void };

export function RenameDialog({ source, open, onClose }: SourceDialogProps) {
  return (
    <Dialog open={open} title="Rename source" onClose={onClose}>
      <RenameForm source={source} onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ source, onClose }: Omit<SourceDialogProps, "open">) {
  const [name, setName] = useState(source.name);
  const update = useUpdateSource();
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ id: source.id, name: name.trim() }, { onSuccess: onClose });
      }}
    >
      <TextField
        label="Name"
        value={name}
        autoFocus
        required
        maxLength={500}
        error={update.error ? inWords(update.error) : null}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={update.isPending} disabled={!name.trim()}>
          Rename
        </Button>
      </div>
    </form>
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
  return (
    <Dialog open={open} title={`Remove ${source.name}?`} onClose={onClose}>
      <p>{lossWords(source, source.bots.length)}</p>
      {remove.error && (
        <p className="field-error" role="alert">
          {inWords(remove.error)}
        </p>
      )}
      <div className="dialog-actions">
        <Button autoFocus onClick={onClose}>
          Keep it
        </Button>
        <Button
          variant="danger-fill"
          icon="trash"
          busy={remove.isPending}
          onClick={() =>
            remove.mutate(source.id, {
              onSuccess: () => {
                onClose();
                onRemoved();
                toast(`${source.name} was removed`, "good", { label: "Undo", run: undo });
              },
            })
          }
        >
          Remove {countOf(source.counts.documents, "document")}
        </Button>
      </div>
    </Dialog>
  );
}

export function LearnOnlyDialog({ source, open, onClose, onConfirm }: SourceDialogProps & { onConfirm: () => void }) {
  return (
    <Dialog open={open} title={`Only learn from ${source.name}?`} onClose={onClose}>
      <p>
        Its {countOf(source.counts.documents, "document")} go on informing answers, but from the next answer on they
        are never named, quoted or linked, and a sentence that only they support has no citation.
      </p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" icon="eyeoff" onClick={onConfirm}>
          Learn only
        </Button>
      </div>
    </Dialog>
  );
}

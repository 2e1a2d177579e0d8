import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useBeginRun, type GoldenSet } from "@/api/queries/evaluation";
import { useModels } from "@/api/queries/models";
import { Button, Dialog, FieldError, SelectField, TextField } from "@/ui";

type BeginRunDialogProps = { open: boolean; set: GoldenSet; onClose: () => void };

/** Begins a run with the bot as it is now. */
export function BeginRunDialog({ open, set, onClose }: BeginRunDialogProps) {
  return (
    <Dialog open={open} title={`Run ${set.name}`} onClose={onClose}>
      {open && <RunForm set={set} onClose={onClose} />}
    </Dialog>
  );
}

function RunForm({ set, onClose }: Omit<BeginRunDialogProps, "open">) {
  const [note, setNote] = useState("");
  const [judge, setJudge] = useState("");
  const { data: models } = useModels();
  const begin = useBeginRun(set.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate({ note: note.trim(), judge_model_id: judge || null }, { onSuccess: onClose });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextField
        label="Note"
        placeholder="New price list"
        hint="What is different this time. It names the run in plots."
        maxLength={300}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <SelectField
        label="Judge"
        hint={judge ? "Each answer is judged by this model as well, which it may charge for." : undefined}
        value={judge}
        onChange={(event) => setJudge(event.target.value)}
      >
        <option value="">None: only what can be measured without a model</option>
        {models?.map((model) => (
          <option key={model.id} value={model.id}>
            {model.name}
          </option>
        ))}
      </SelectField>
      {begin.error && <FieldError>{inWords(begin.error)}</FieldError>}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" icon="play" busy={begin.isPending}>
          Ask {set.questions.toLocaleString()} {set.questions === 1 ? "question" : "questions"}
        </Button>
      </div>
    </form>
  );
}

import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useNote, useRewriteNote } from "@/api/queries/note";
import type { Note, Source } from "@/api/types";
import { Button, EmptyState, Spinner, TextAreaField, TextField, toast } from "@/ui";

type NoteEditorProps = {
  source: Source;
  /** Leads to its passages and versions, where they do not stand beside it. */
  onDetails: (() => void) | undefined;
};

/** A note, written and rewritten here. */
export function NoteEditor({ source, onDetails }: NoteEditorProps) {
  const note = useNote(source.id);
  return (
    <section className="files" aria-labelledby="note-title">
      <div className="sub-head">
        <h2 className="h3" id="note-title">
          Note
        </h2>
        {onDetails && (
          <Button size="sm" icon="history" className="only-stacked" onClick={onDetails}>
            Passages and versions
          </Button>
        )}
      </div>
      {note.data ? (
        <NoteForm key={source.id} source={source} note={note.data} />
      ) : note.error ? (
        <EmptyState icon="alert" title="The note could not be loaded">
          {inWords(note.error)}
        </EmptyState>
      ) : (
        <Spinner />
      )}
    </section>
  );
}

function NoteForm({ source, note }: { source: Source; note: Note }) {
  const [draft, setDraft] = useState(note);
  const [saved, setSaved] = useState(note);
  const rewrite = useRewriteNote(source.id);
  const edited = draft.title !== saved.title || draft.text !== saved.text;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { title: draft.title.trim(), text: draft.text };
    rewrite.mutate(wanted, {
      onSuccess: () => {
        setSaved(draft);
        toast("The note was saved. The text before stays as a version");
      },
    });
  };
  return (
    <form className="stack faq-form" onSubmit={submit}>
      <TextField
        label="Title"
        required
        maxLength={300}
        value={draft.title}
        onChange={(event) => setDraft({ ...draft, title: event.target.value })}
      />
      <TextAreaField
        label="Text"
        rows={14}
        required
        hint="Markdown is fine."
        value={draft.text}
        error={rewrite.error && inWords(rewrite.error)}
        onChange={(event) => setDraft({ ...draft, text: event.target.value })}
      />
      <div className="dialog-actions">
        {edited && <Button onClick={() => setDraft(saved)}>Undo changes</Button>}
        <Button
          type="submit"
          variant="primary"
          busy={rewrite.isPending}
          disabled={!edited || !draft.title.trim() || !draft.text.trim()}
        >
          Save
        </Button>
      </div>
    </form>
  );
}

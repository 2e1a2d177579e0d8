import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useDocument } from "@/api/queries/documents";
import { useFaqCategories, useFaqEntry, useRemoveEntry, useSaveEntry } from "@/api/queries/faq";
import type { Citation, FaqEntry, Source } from "@/api/types";
import { Button, ConfirmDialog, EmptyState, FieldError, Segmented, Spinner, TextAreaField, TextField, toast } from "@/ui";
import { VersionList } from "../../document/versions/VersionList";
import { wholeVersion } from "../citations";
import { draftOf, isSame, problemsOf, typed, type Problems, type Typed } from "./draft";

type EntryPaneProps = {
  source: Source;
  /** Null: one that is being written. */
  entryId: string | null;
  listed: FaqEntry | undefined;
  onEdited: (edited: boolean) => void;
  onSaved: (entry: FaqEntry) => void;
  onGone: () => void;
  onOpen: (citation: Citation) => void;
};

const TABS = [
  { value: "text", label: "Text" },
  { value: "versions", label: "Versions" },
] as const;

/** One question with its answer: written, changed, removed; and what it said before. */
export function EntryPane({ source, entryId, listed, onOpen, ...form }: EntryPaneProps) {
  const [tab, setTab] = useState<"text" | "versions">("text");
  const found = useFaqEntry(source.id, listed ? null : entryId);
  const entry = listed ?? found.data ?? null;
  if (found.error) return <EmptyState icon="search" title="This question is not here any more">{inWords(found.error)}</EmptyState>;
  if (entryId && !entry) return <Spinner />;
  return (
    <>
      {entry && <Segmented label="What to see of the question" options={TABS} value={tab} onChange={setTab} />}
      {/* Hidden, not gone: what is typed stays while versions are looked at. */}
      <div hidden={tab !== "text"}>
        <EntryForm source={source} entry={entry} {...form} />
      </div>
      {tab === "versions" && entry && <EntryVersions entry={entry} onOpen={onOpen} />}
    </>
  );
}

function EntryVersions({ entry, onOpen }: { entry: FaqEntry; onOpen: (citation: Citation) => void }) {
  const { data: document, error } = useDocument(entry.document_id);
  if (error) return <p className="hint">{inWords(error)}</p>;
  if (!document) return <Spinner />;
  return <VersionList document={document} canRollBack={false} onOpen={(version) => onOpen(wholeVersion(version))} />;
}

type EntryFormProps = Pick<EntryPaneProps, "source" | "onEdited" | "onSaved" | "onGone"> & { entry: FaqEntry | null };

function EntryForm({ source, entry, onEdited, onSaved, onGone }: EntryFormProps) {
  const [form, setForm] = useState(() => typed(entry));
  const [tried, setTried] = useState(false);
  const [removing, setRemoving] = useState(false);
  const save = useSaveEntry(source.id);
  const problems = tried ? problemsOf(form) : {};
  const edited = !isSame(form, typed(entry));
  const change = (part: Partial<Typed>) => {
    const next = { ...form, ...part };
    setForm(next);
    onEdited(!isSame(next, typed(entry)));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problemsOf(form)).length > 0) return;
    save.mutate(
      { id: entry?.id ?? null, draft: draftOf(form) },
      {
        onSuccess: (saved) => {
          toast(entry ? "The answer was changed" : "The question was added");
          onSaved(saved);
        },
      },
    );
  };
  return (
    <form className="stack faq-form" noValidate onSubmit={submit}>
      <Fields source={source} form={form} problems={problems} onChange={change} />
      {save.error && <FieldError>{inWords(save.error)}</FieldError>}
      <div className="dialog-actions">
        {entry && (
          <Button variant="danger" icon="trash" onClick={() => setRemoving(true)}>
            Remove
          </Button>
        )}
        <span className="grow" />
        {entry && edited && (
          <Button
            onClick={() => {
              setForm(typed(entry));
              onEdited(false);
            }}
          >
            Undo changes
          </Button>
        )}
        <Button type="submit" variant="primary" busy={save.isPending} disabled={!edited}>
          {entry ? "Save" : "Add"}
        </Button>
      </div>
      {removing && entry && (
        <RemoveEntryDialog source={source} entry={entry} onClose={() => setRemoving(false)} onGone={onGone} />
      )}
    </form>
  );
}

type FieldsProps = { source: Source; form: Typed; problems: Problems; onChange: (part: Partial<Typed>) => void };

function Fields({ source, form, problems, onChange }: FieldsProps) {
  const { data: categories = [] } = useFaqCategories(source.id);
  return (
    <>
      <TextAreaField
        label="Question"
        rows={2}
        placeholder="Can I bring my dog?"
        value={form.question}
        error={problems.question}
        onChange={(event) => onChange({ question: event.target.value })}
      />
      <TextAreaField
        label="Answer"
        rows={8}
        placeholder="Dogs travel free. Markdown is fine."
        value={form.answer}
        error={problems.answer}
        onChange={(event) => onChange({ answer: event.target.value })}
      />
      <div className="field-pair">
        <TextField
          label="Category"
          list="faq-categories"
          placeholder="Pets"
          value={form.category}
          error={problems.category}
          onChange={(event) => onChange({ category: event.target.value })}
        />
        <TextField
          label="Tags"
          placeholder="dog, luggage"
          hint="Separated by commas."
          value={form.tags}
          error={problems.tags}
          onChange={(event) => onChange({ tags: event.target.value })}
        />
      </div>
      <datalist id="faq-categories">
        {categories
          .filter(({ name }) => name)
          .map(({ name }) => (
            <option key={name} value={name} />
          ))}
      </datalist>
    </>
  );
}

type RemoveEntryDialogProps = { source: Source; entry: FaqEntry; onClose: () => void; onGone: () => void };

function RemoveEntryDialog({ source, entry, onClose, onGone }: RemoveEntryDialogProps) {
  const remove = useRemoveEntry(source.id);
  return (
    <ConfirmDialog
      danger
      title="Remove this question?"
      action="Remove"
      icon="trash"
      busy={remove.isPending}
      error={remove.error && inWords(remove.error)}
      onConfirm={() =>
        remove.mutate(entry.id, {
          onSuccess: () => {
            onClose();
            toast("The question was removed");
            onGone();
          },
        })
      }
      onClose={onClose}
    >
      “{entry.question}” and its answer are not found any more. Answers already given still open the text that they cited.
    </ConfirmDialog>
  );
}

import { useState, type FormEvent, type ReactNode } from "react";
import { inWords } from "@/api/errors";
import { useAddRemoteSource, type RemoteSource } from "@/api/queries/sources";
import type { Source, Visibility } from "@/api/types";
import { Button, SelectField, TextAreaField, TextField } from "@/ui";
import { isComplete, USUAL, writeSchedule, type ScheduleChoice } from "./schedule/schedule";
import { ScheduleFields } from "./schedule/ScheduleFields";

export type RemoteKind = RemoteSource["kind"];
type RemoteFormProps = {
  kind: RemoteKind;
  botId: string;
  visibility: Visibility;
  choice: ReactNode;
  onClose: () => void;
  onAdded: (source: Source) => void;
};

/** Adds what lies elsewhere or is written here: a website, a repository, a video, questions and answers, a note. */
export function RemoteForm({ kind, botId, visibility, choice, onClose, onAdded }: RemoteFormProps) {
  const add = useAddRemoteSource();
  const [source, setSource] = useState<Draft>(empty);
  const change = (part: Partial<Draft>) => setSource((known) => ({ ...known, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ botId, source: describe(kind, source, visibility) }, { onSuccess: onAdded });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Fields kind={kind} draft={source} error={add.error ? inWords(add.error) : null} onChange={change} />
      {choice}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={add.isPending} disabled={!complete(kind, source)}>
          Add
        </Button>
      </div>
    </form>
  );
}

type Draft = {
  url: string;
  mode: "page" | "sitemap" | "crawl";
  maxPages: string;
  branch: string;
  token: string;
  schedule: ScheduleChoice;
  title: string;
  text: string;
};
const empty: Draft = {
  url: "",
  mode: "crawl",
  maxPages: "200",
  branch: "",
  token: "",
  schedule: USUAL,
  title: "",
  text: "",
};

function complete(kind: RemoteKind, draft: Draft): boolean {
  if (kind === "faq") return draft.title.trim() !== "";
  if (kind === "text") return draft.title.trim() !== "" && draft.text.trim() !== "";
  return draft.url.trim() !== "" && isComplete(draft.schedule) && (kind !== "website" || Number(draft.maxPages) >= 1);
}

function describe(kind: RemoteKind, draft: Draft, visibility: Visibility): RemoteSource {
  const url = draft.url.trim();
  const schedule = writeSchedule(draft.schedule) || null;
  switch (kind) {
    case "website":
      return { kind, visibility, schedule, config: { url, mode: draft.mode, max_pages: Number(draft.maxPages) } };
    case "git":
      return { kind, visibility, schedule, config: { url, branch: draft.branch.trim() || null }, token: draft.token || null };
    case "video":
      return { kind, visibility, schedule, config: { url } };
    case "faq":
      return { kind, visibility, name: draft.title.trim(), config: {} };
    case "text":
      return { kind, visibility, config: { title: draft.title.trim() }, text: draft.text };
  }
}

type FieldsProps = {
  kind: RemoteKind;
  draft: Draft;
  error: string | null;
  onChange: (part: Partial<Draft>) => void;
};

function Fields({ kind, draft, error, onChange }: FieldsProps) {
  if (kind === "faq")
    return (
      <TextField
        label="Name"
        placeholder="Opening hours and prices"
        hint="Questions and answers are added to it next, one by one or from a CSV file."
        value={draft.title}
        error={error}
        onChange={(event) => onChange({ title: event.target.value })}
      />
    );
  if (kind === "text") return <NoteFields draft={draft} error={error} onChange={onChange} />;
  return (
    <>
      <TextField
        label="Address"
        type="url"
        autoFocus
        spellCheck={false}
        placeholder={PLACES[kind].placeholder}
        hint={PLACES[kind].hint}
        value={draft.url}
        error={error}
        onChange={(event) => onChange({ url: event.target.value })}
      />
      {kind === "website" && <WebsiteFields draft={draft} onChange={onChange} />}
      {kind === "git" && <GitFields draft={draft} onChange={onChange} />}
      <ScheduleFields value={draft.schedule} onChange={(schedule) => onChange({ schedule })} />
    </>
  );
}

const PLACES = {
  website: {
    placeholder: "https://example.org/help/",
    hint: "The first page, or a sitemap. Pages of the same site are read, as its robots.txt allows.",
  },
  git: {
    placeholder: "https://github.com/owner/project",
    hint: "Later only the files that a commit changed are read.",
  },
  video: { placeholder: "https://www.youtube.com/watch?v=…", hint: "Its captions are read; citations open at the second." },
} as const;

type PartProps = Pick<FieldsProps, "draft" | "onChange">;

function WebsiteFields({ draft, onChange }: PartProps) {
  return (
    <>
      <SelectField
        label="What to read"
        value={draft.mode}
        onChange={(event) => onChange({ mode: event.target.value as Draft["mode"] })}
      >
        <option value="crawl">What its links lead to</option>
        <option value="sitemap">The pages of a sitemap</option>
        <option value="page">This page only</option>
      </SelectField>
      {draft.mode !== "page" && (
        <TextField
          label="Pages at most"
          type="number"
          min={1}
          max={50_000}
          value={draft.maxPages}
          onChange={(event) => onChange({ maxPages: event.target.value })}
        />
      )}
    </>
  );
}

function GitFields({ draft, onChange }: PartProps) {
  return (
    <>
      <TextField
        label="Branch (optional)"
        placeholder="the repository's own"
        spellCheck={false}
        value={draft.branch}
        onChange={(event) => onChange({ branch: event.target.value })}
      />
      <TextField
        label="Access token (for a private repository)"
        type="password"
        hint="Stored encrypted, never shown again."
        value={draft.token}
        onChange={(event) => onChange({ token: event.target.value })}
      />
    </>
  );
}

function NoteFields({ draft, error, onChange }: Omit<FieldsProps, "kind">) {
  return (
    <>
      <TextField
        label="Title"
        value={draft.title}
        error={error}
        maxLength={300}
        onChange={(event) => onChange({ title: event.target.value })}
      />
      <TextAreaField
        label="Text"
        rows={8}
        placeholder="Markdown is fine."
        value={draft.text}
        onChange={(event) => onChange({ text: event.target.value })}
      />
    </>
  );
}

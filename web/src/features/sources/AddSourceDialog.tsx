import { useRef, useState } from "react";
import { inWords } from "@/api/errors";
import { useAddLocalSource } from "@/api/queries/sources";
import type { Source, Visibility } from "@/api/types";
import { Button, Dialog, Icon, TextField, type IconName } from "@/ui";
import { carriesFiles, filesFromDrop, filesFromInput, type PickedFile } from "./dropped";
import { RemoteForm, type RemoteKind } from "./RemoteForms";
import { countOf, sizeWords } from "./words";

type Kind = "files" | "folder" | RemoteKind;

const KINDS: { kind: Kind; label: string; icon: IconName }[] = [
  { kind: "files", label: "Files", icon: "upload" },
  { kind: "folder", label: "Folder on this computer", icon: "folder" },
  { kind: "website", label: "Website", icon: "globe" },
  { kind: "git", label: "Git repository", icon: "branch" },
  { kind: "video", label: "Video", icon: "video" },
  { kind: "faq", label: "Questions and answers", icon: "faq" },
  { kind: "text", label: "Note", icon: "edit" },
];

type AddSourceDialogProps = {
  open: boolean;
  botId: string;
  onClose: () => void;
  onFiles: (files: PickedFile[], visibility: Visibility) => void;
  onAdded: (source: Source) => void;
  firstKind?: Kind;
};

/** Gives a bot something to read: files sent from here, a folder where it lies, or what lies elsewhere. */
export function AddSourceDialog({ open, onClose, ...rest }: AddSourceDialogProps) {
  return (
    <Dialog open={open} title="Add a source" size="wide" onClose={onClose}>
      <AddSource onClose={onClose} {...rest} />
    </Dialog>
  );
}

function AddSource({ botId, onClose, onFiles, onAdded, firstKind = "files" }: Omit<AddSourceDialogProps, "open">) {
  const [kind, setKind] = useState<Kind>(firstKind);
  const [visibility, setVisibility] = useState<Visibility>("citable");
  return (
    <div className="add">
      <nav aria-label="Kind of source">
        {KINDS.map((known) => (
          <button
            key={known.kind}
            type="button"
            aria-current={known.kind === kind ? "true" : undefined}
            onClick={() => setKind(known.kind)}
          >
            <Icon name={known.icon} />
            {known.label}
          </button>
        ))}
      </nav>
      {kind === "files" ? (
        <FilesForm
          onClose={onClose}
          onFiles={(files) => onFiles(files, visibility)}
          choice={<VisibilityChoice value={visibility} onChange={setVisibility} />}
        />
      ) : kind === "folder" ? (
        <FolderForm
          botId={botId}
          visibility={visibility}
          onClose={onClose}
          onAdded={onAdded}
          choice={<VisibilityChoice value={visibility} onChange={setVisibility} />}
        />
      ) : (
        <RemoteForm
          key={kind}
          kind={kind}
          botId={botId}
          visibility={visibility}
          onClose={onClose}
          onAdded={onAdded}
          choice={<VisibilityChoice value={visibility} onChange={setVisibility} />}
        />
      )}
    </div>
  );
}

type FilesFormProps = { onClose: () => void; onFiles: (files: PickedFile[]) => void; choice: React.ReactNode };

function FilesForm({ onClose, onFiles, choice }: FilesFormProps) {
  const [picked, setPicked] = useState<readonly PickedFile[]>([]);
  const [over, setOver] = useState(false);
  const bytes = picked.reduce((sum, { file }) => sum + file.size, 0);
  const add = (files: readonly PickedFile[]) => setPicked((known) => [...known, ...files]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onFiles([...picked]);
      }}
    >
      <div
        className={over ? "bigdrop over" : "bigdrop"}
        onDragOver={(event) => {
          if (!carriesFiles(event.dataTransfer)) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(false);
          void filesFromDrop(event.dataTransfer).then(add);
        }}
      >
        <span className="kind">
          <Icon name="upload" />
        </span>
        <p className="h3" role="status">
          {picked.length ? `${countOf(picked.length, "file")}, ${sizeWords(bytes)}` : "Drop files or a folder here"}
        </p>
        <p className="hint">PDF, Word, Excel, slides, e-mail, web pages, code. Up to 1 GB a file.</p>
        <PickButtons onPick={add} />
      </div>
      {choice}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={picked.length === 0}>
          {picked.length ? `Read ${countOf(picked.length, "file")}` : "Read files"}
        </Button>
      </div>
    </form>
  );
}

/** Two buttons that open the browser's own choosers, for files and for a whole folder. */
export function PickButtons({ onPick, primary }: { onPick: (files: PickedFile[]) => void; primary?: boolean }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const found = filesFromInput(input.files);
    input.value = "";
    if (found.length > 0) onPick(found);
  };
  return (
    <div className="row picks">
      <Button variant={primary ? "primary" : "plain"} onClick={() => files.current?.click()}>
        Choose files
      </Button>
      <Button icon="folder" onClick={() => folder.current?.click()}>
        Choose a folder
      </Button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to send"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Folder to send"
        {...{ webkitdirectory: "" }}
        onChange={(event) => take(event.currentTarget)}
      />
    </div>
  );
}

type FolderFormProps = Pick<AddSourceDialogProps, "botId" | "onClose" | "onAdded"> & {
  visibility: Visibility;
  choice: React.ReactNode;
};

function FolderForm({ botId, visibility, onClose, onAdded, choice }: FolderFormProps) {
  const [path, setPath] = useState("");
  const add = useAddLocalSource();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Copied from a file manager, a path often comes in quotes.
        const clean = path.trim().replace(/^(["'])(.*)\1$/u, "$2");
        add.mutate({ botId, source: { kind: "folder", path: clean, visibility } }, { onSuccess: onAdded });
      }}
    >
      <TextField
        label="Folder"
        placeholder="/home/mara/Documents/Northgate"
        hint="Paste its full path. The files stay where they are: nothing is copied or changed."
        value={path}
        autoFocus
        spellCheck={false}
        error={add.error ? inWords(add.error) : null}
        onChange={(event) => setPath(event.target.value)}
      />
      {choice}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={add.isPending} disabled={!path.trim()}>
          Read this folder
        </Button>
      </div>
    </form>
  );
}

const CHOICES: { value: Visibility; label: string; icon: IconName; words: string }[] = [
  { value: "citable", label: "Citable", icon: "quote", words: "Quoted and linked in answers." },
  { value: "learn_only", label: "Learn only", icon: "eyeoff", words: "Informs answers. Never named, quoted or exported." },
];

function VisibilityChoice({ value, onChange }: { value: Visibility; onChange: (value: Visibility) => void }) {
  return (
    <fieldset className="radios">
      <legend className="sr">May it be quoted?</legend>
      {CHOICES.map((choice) => (
        <label key={choice.value} className="radio">
          <input
            className="sr"
            type="radio"
            name="visibility"
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <b>
            <Icon name={choice.icon} size="sm" />
            {choice.label}
          </b>
          {choice.words}
        </label>
      ))}
    </fieldset>
  );
}


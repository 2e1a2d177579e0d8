import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useKeepSet, type GoldenDraft, type GoldenSet, type SetWish } from "@/api/queries/evaluation";
import { Button, Dialog, FieldError, TextField } from "@/ui";
import { readGoldenFile } from "./goldenFile";

export type SetOrigin = SetWish["from"];
type NewSetDialogProps = {
  botId: string;
  /** Null: closed. */
  origin: SetOrigin | null;
  onClose: () => void;
  onMade: (set: GoldenSet) => void;
};

const titles: Record<SetOrigin, string> = {
  file: "Import golden questions",
  chats: "Questions from rated chats",
  documents: "Draft questions from documents",
};
const names: Record<SetOrigin, string> = { file: "", chats: "From chats", documents: "Draft" };

/** Makes a golden set: from a file, from answers that were called good, or from the documents. */
export function NewSetDialog({ origin, onClose, ...rest }: NewSetDialogProps) {
  return (
    <Dialog open={origin !== null} title={origin ? titles[origin] : ""} onClose={onClose}>
      {origin && <SetForm key={origin} origin={origin} onClose={onClose} {...rest} />}
    </Dialog>
  );
}

function SetForm({ botId, origin, onClose, onMade }: NewSetDialogProps & { origin: SetOrigin }) {
  const [name, setName] = useState(names[origin]);
  const [count, setCount] = useState("50");
  const [questions, setQuestions] = useState<GoldenDraft[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const keep = useKeepSet(botId);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const read = readGoldenFile(await file.text());
    setProblem("problem" in read ? read.problem : null);
    setQuestions("problem" in read ? [] : read.questions);
    if (!name) setName(file.name.replace(/\.[^.]+$/u, ""));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish: SetWish =
      origin === "file"
        ? { from: origin, name: name.trim(), questions }
        : origin === "chats"
          ? { from: origin, name: name.trim() }
          : { from: origin, name: name.trim(), count: Number(count) };
    keep.mutate(wish, { onSuccess: onMade });
  };
  const ready = name.trim() !== "" && (origin !== "file" || questions.length > 0);
  return (
    <form className="stack" onSubmit={submit}>
      {origin === "file" && <FileChoice problem={problem} count={questions.length} onFile={(file) => void take(file)} />}
      {origin === "chats" && (
        <p className="hint">
          Takes every question whose answer somebody rated with a thumb up, with the documents that the answer cited.
        </p>
      )}
      {origin === "documents" && (
        <>
          <p className="hint">
            Takes documents at random and asks for each by its title. That measures finding without anybody writing
            down what is right.
          </p>
          <TextField
            label="Questions, at most"
            type="number"
            min={1}
            max={1000}
            value={count}
            onChange={(event) => setCount(event.target.value)}
          />
        </>
      )}
      <TextField
        label="Name of the set"
        hint="Questions that an existing set of this name has already are replaced."
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.target.value)}
      />
      {keep.error && <FieldError>{inWords(keep.error)}</FieldError>}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" busy={keep.isPending} disabled={!ready}>
          {origin === "file" && questions.length ? `Import ${questions.length.toLocaleString()}` : "Make the set"}
        </Button>
      </div>
    </form>
  );
}

type FileChoiceProps = { problem: string | null; count: number; onFile: (file: File | undefined) => void };

function FileChoice({ problem, count, onFile }: FileChoiceProps) {
  return (
    <div>
      <label className="label" htmlFor="golden-file">
        File
      </label>
      <input
        id="golden-file"
        className="field field-file"
        type="file"
        accept=".jsonl,.json,.ndjson,.csv,.tsv,.txt"
        aria-describedby="golden-file-note"
        onChange={(event) => onFile(event.currentTarget.files?.[0])}
      />
      <div id="golden-file-note">
        {problem ? (
          <FieldError>{problem}</FieldError>
        ) : (
          <p className="hint field-note" role="status">
            {count
              ? `${count.toLocaleString()} ${count === 1 ? "question" : "questions"} read.`
              : "JSON lines, JSON or CSV with question, answers, documents and answerable; only question is needed."}
          </p>
        )}
      </div>
    </div>
  );
}

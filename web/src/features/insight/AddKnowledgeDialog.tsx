import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import type { FaqOut } from "@/api/generated/types.gen";
import { get, post } from "@/api/http";
import { refreshSources, useSources } from "@/api/queries/sources";
import type { Document, Source } from "@/api/types";
import { Button, Dialog, FieldError, Icon, SelectField, Spinner, TextAreaField } from "@/ui";

type AddKnowledgeDialogProps = {
  open: boolean;
  botId: string;
  question: string;
  onClose: () => void;
  /** What was added has been read: the question may be asked again. */
  onReady: () => void;
};

const NEW = "new";
const POLL_MS = 600;

/** Adds what a question was missing: an answer written here, or whatever holds it. */
export function AddKnowledgeDialog({ open, onClose, ...rest }: AddKnowledgeDialogProps) {
  return (
    <Dialog open={open} title="Add what is missing" size="wide" onClose={onClose}>
      {open && <AnswerForm onClose={onClose} {...rest} />}
    </Dialog>
  );
}

function AnswerForm({ botId, question, onClose, onReady }: Omit<AddKnowledgeDialogProps, "open">) {
  const { data: sources } = useSources(botId);
  const lists = sources?.filter((source) => source.kind === "faq" && source.visibility === "citable") ?? [];
  const [asked, setAsked] = useState(question);
  const [answer, setAnswer] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const list = chosen ?? lists[0]?.id ?? NEW;
  const save = useSaveAnswer(botId);
  useWhenRead(save.data, () => {
    onReady();
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ list, question: asked.trim(), answer: answer.trim() });
  };
  if (save.data)
    return (
      <p className="row" role="status">
        <Spinner /> Saved. It is being read; the question is asked again as soon as that is done.
      </p>
    );
  return (
    <form className="stack" onSubmit={submit}>
      <TextAreaField label="Question" rows={2} maxLength={2000} value={asked} onChange={(event) => setAsked(event.target.value)} />
      <TextAreaField
        label="Answer"
        rows={5}
        maxLength={20_000}
        hint="In your own words. The bot quotes it and cites it like any document."
        value={answer}
        onChange={(event) => setAnswer(event.target.value)}
      />
      {lists.length > 0 && (
        <SelectField label="Keep it in" value={list} onChange={(event) => setChosen(event.target.value)}>
          {lists.map((source) => (
            <option key={source.id} value={source.id}>
              {source.name}
            </option>
          ))}
          <option value={NEW}>A new list of questions and answers</option>
        </SelectField>
      )}
      {save.error && <FieldError>{inWords(save.error)}</FieldError>}
      <p className="hint elsewhere">
        <Icon name="library" size="sm" />
        <span>
          It stands in a file, on a website or elsewhere already?{" "}
          <Link className="link" to="/sources/$botId" params={{ botId }} hash="add">
            Add that as a source
          </Link>{" "}
          and ask again afterwards.
        </span>
      </p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" busy={save.isPending} disabled={!asked.trim() || !answer.trim()}>
          Save and ask again
        </Button>
      </div>
    </form>
  );
}

type Wish = { list: string; question: string; answer: string };

function useSaveAnswer(botId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ list, question, answer }: Wish) => {
      const fresh = { kind: "faq", name: "Answers", visibility: "citable", config: {} };
      const id = list === NEW ? (await post<Source>(`/bots/${botId}/sources`, fresh)).id : list;
      return post<FaqOut>(`/sources/${id}/faq`, { question, answer });
    },
    onSuccess: () => refreshSources(client),
  });
}

/** Calls back once a saved answer can be found: a document is ready a moment before that, its source is not. */
function useWhenRead(saved: FaqOut | undefined, then: () => void) {
  const { data: read = false } = useQuery({
    queryKey: ["documents", "saved", saved?.document_id] as const,
    queryFn: async ({ signal }) => {
      const document = await get<Document>(`/documents/${saved?.document_id}`, {}, signal);
      if (document.status !== "ready") return false;
      const source = await get<Source>(`/sources/${saved?.source_id}`, {}, signal);
      return source.status === "ready";
    },
    enabled: saved !== undefined,
    refetchInterval: POLL_MS,
  });
  useEffect(() => {
    if (read) then();
    // Only the moment when it is read counts; `then` is new at every drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [read]);
}

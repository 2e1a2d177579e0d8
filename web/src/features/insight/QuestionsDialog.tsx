import { useState } from "react";
import { inWords } from "@/api/errors";
import { useGoldenQuestions, type GoldenQuestion, type GoldenSet } from "@/api/queries/evaluation";
import { Button, Dialog, SearchField, Spinner } from "@/ui";

type QuestionsDialogProps = { open: boolean; set: GoldenSet; onClose: () => void };

const STEP = 50;
const origins: Record<GoldenQuestion["origin"], string> = { import: "imported", chat: "from a chat", draft: "drafted" };

/** The questions of a set, with what is known of their answers. */
export function QuestionsDialog({ open, set, onClose }: QuestionsDialogProps) {
  return (
    <Dialog open={open} title={set.name} size="wide" onClose={onClose}>
      {open && <Questions set={set} />}
    </Dialog>
  );
}

function Questions({ set }: { set: GoldenSet }) {
  const questions = useGoldenQuestions(set.id, true);
  const [words, setWords] = useState("");
  const [most, setMost] = useState(STEP);
  if (questions.isPending) return <Spinner />;
  if (questions.error) return <p className="hint">{inWords(questions.error)}</p>;
  const found = questions.data.filter((one) => one.question.toLowerCase().includes(words.trim().toLowerCase()));
  return (
    <div className="stack">
      <SearchField label="Find a question" value={words} onChange={(event) => setWords(event.target.value)} />
      <ol className="golden">
        {found.slice(0, most).map((one, index) => (
          <li key={one.id ?? index}>
            <b dir="auto">{one.question}</b>
            <span className="hint">
              {one.answerable === false ? "Should be declined" : (one.answers ?? []).join(" / ") || "Answer not known"}
              {(one.documents ?? []).length > 0 && `, in ${(one.documents ?? []).join(", ")}`}
              {`, ${origins[one.origin]}`}
            </span>
          </li>
        ))}
      </ol>
      {found.length > most && <Button onClick={() => setMost(most + STEP)}>Show more</Button>}
    </div>
  );
}

import { useEffect, useRef, useState } from "react";
import { sliceCodePoints } from "@/api/codePoints";
import type { AnswerView, Row } from "./thread";

/** Reads answers out to screen readers sentence by sentence, as they are checked: never word by word. */
export function Announcer({ rows }: { rows: readonly Row[] }) {
  const said = useRef<{ key: string; end: number; status: string } | null>(null);
  const [words, setWords] = useState("");
  const row = rows.findLast((known) => known.kind === "answer");
  const version = row?.versions.at(-1);
  const key = version?.turnId ?? version?.id ?? "";
  const answer = version?.answer;

  useEffect(() => {
    if (!answer) return;
    const before = said.current;
    const end = finishedUntil(answer);
    said.current = { key, end, status: answer.status };
    if (!before) return; // history is not news
    const from = before.key === key ? before.end : 0;
    const news = [
      sliceCodePoints(answer.text, from, end).trim(),
      endWords(answer, before.key === key ? before.status : ""),
    ];
    const text = news.filter(Boolean).join(" ");
    if (text) setWords(text);
  }, [answer, key]);

  return (
    <div className="sr" role="status" aria-live="polite">
      {words}
    </div>
  );
}

/** Code points of the text that are whole sentences. */
function finishedUntil(answer: AnswerView): number {
  if (answer.status === "running" || answer.status === "queued") return answer.sentences.at(-1)?.end ?? 0;
  return [...answer.text].length;
}

function endWords(answer: AnswerView, before: string): string {
  if (before === answer.status) return "";
  if (answer.status === "failed") return answer.error?.message ?? "The answer failed.";
  return answer.status === "stopped" ? "Stopped." : "";
}

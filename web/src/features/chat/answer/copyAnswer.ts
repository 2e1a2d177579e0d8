import { sliceCodePoints } from "@/api/codePoints";
import type { AnswerView } from "../thread";
import { placeOf } from "./references";

/** An answer as text, each sentence followed by its keys and the list of what they mean below. */
export function answerWithCitations(answer: AnswerView): string {
  let text = "";
  let done = 0;
  for (const sentence of answer.sentences) {
    const keys = sentence.citations.map((n) => ` [${n}]`).join("");
    text += sliceCodePoints(answer.text, done, sentence.end) + keys;
    done = sentence.end;
  }
  text += sliceCodePoints(answer.text, done);
  const notes = answer.citations.map((citation) => `[${citation.n}] ${placeOf(citation)}${quoted(citation.quote)}`);
  return notes.length ? `${text.trim()}\n\n${notes.join("\n")}` : text.trim();
}

const quoted = (quote: string | undefined) => (quote ? `: “${quote.replaceAll(/\s+/gu, " ").trim()}”` : "");

import { sliceCodePoints } from "@/api/codepoints";
import type { Citation, Hit, Verdict } from "@/api/types";
import { plainText } from "../markdown/parse";
import type { AnswerView, SentenceView } from "../thread";

/** One citation key of an answer: a sentence and a passage it rests on. An answer's keys are walked in this order. */
export type Reference = {
  citation: Citation;
  /** Index of the citing sentence; null for a nearest passage of an abstention. */
  sentence: number | null;
  text: string | null;
  verdict: Verdict | null;
};

/** All keys of an answer in reading order. */
export function referencesOf(answer: AnswerView): Reference[] {
  if (answer.abstained) return answer.nearest.map(nearestReference);
  const byNumber = new Map(answer.citations.map((citation) => [citation.n, citation]));
  return answer.sentences.flatMap((sentence, index) =>
    sentence.citations.flatMap((n) => {
      const citation = byNumber.get(n);
      if (!citation) return [];
      return [{ citation, sentence: index, text: plainText(textOf(answer, sentence)), verdict: sentence.verdict }];
    }),
  );
}

function nearestReference(hit: Hit, index: number): Reference {
  const { document, page, start, end, text } = hit;
  return { citation: { n: index + 1, document, page, start, end, quote: text }, sentence: null, text: null, verdict: null };
}

/** "Title, page 6", or the title alone where there are no pages. */
export const placeOf = (citation: Pick<Citation, "document" | "page">): string =>
  citation.page ? `${citation.document.title}, page ${citation.page}` : citation.document.title;

export const textOf = (answer: AnswerView, sentence: SentenceView): string =>
  sentence.text ?? sliceCodePoints(answer.text, sentence.start, sentence.end);

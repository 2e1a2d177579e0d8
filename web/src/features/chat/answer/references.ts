import { sliceCodePoints } from "@/api/codePoints";
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
  /** What to show of a nearest passage. */
  excerpt: string | null;
};

/** All keys of an answer in reading order. */
export function referencesOf(answer: AnswerView): Reference[] {
  if (answer.abstained) return answer.nearest.map(nearestReference);
  const byNumber = new Map(answer.citations.map((citation) => [citation.n, citation]));
  return answer.sentences.flatMap((sentence, index) =>
    sentence.citations.flatMap((n) => {
      const citation = byNumber.get(n);
      if (!citation) return [];
      const text = plainText(textOf(answer, sentence));
      return [{ citation, sentence: index, text, verdict: sentence.verdict, excerpt: null }];
    }),
  );
}

function nearestReference(hit: Hit, index: number): Reference {
  const { document, page, start, end, text } = hit;
  const citation = { n: index + 1, document, page, start, end, quote: text };
  return { citation, sentence: null, text: null, verdict: null, excerpt: withoutHeadings(hit) };
}

/**
 * A passage's own words: it often begins with the headings above it, which say nothing by themselves. Rows of a table
 * keep their lines.
 */
function withoutHeadings({ text, heading, document }: Hit): string {
  const headings = new Set([...heading, document.title]);
  const lines = text.split("\n").map((line) => line.trim());
  const first = lines.findIndex((line) => line !== "" && !headings.has(line));
  const own = first < 0 ? lines : lines.slice(first);
  return own.join(own.some((line) => line.includes(" | ")) ? "\n" : " ");
}

/** "Title, page 6", or the title alone where there are no pages. */
export const placeOf = (citation: Pick<Citation, "document" | "page">): string =>
  citation.page ? `${citation.document.title}, page ${citation.page}` : citation.document.title;

export const textOf = (answer: AnswerView, sentence: SentenceView): string =>
  sentence.text ?? sliceCodePoints(answer.text, sentence.start, sentence.end);

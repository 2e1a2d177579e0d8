import type { FaqDraft } from "@/api/queries/faq";
import type { FaqEntry } from "@/api/types";

export const MAX_QUESTION = 2000;
export const MAX_ANSWER = 50_000;
const MAX_CATEGORY = 200;
const MAX_TAGS = 50;
const MAX_TAG = 100;

/** An entry as it is typed: tags in one line, separated by commas. */
export type Typed = { question: string; answer: string; category: string; tags: string };
export type Problems = Partial<Record<keyof Typed, string>>;

export const typed = (entry: FaqEntry | null): Typed => ({
  question: entry?.question ?? "",
  answer: entry?.answer ?? "",
  category: entry?.category ?? "",
  tags: entry?.tags.join(", ") ?? "",
});

export const tagsOf = (line: string): string[] => [
  ...new Set(
    line
      .split(/[,;\n]/u)
      .map((tag) => tag.trim().replaceAll(/\s+/gu, " "))
      .filter(Boolean),
  ),
];

export const draftOf = (form: Typed): FaqDraft => ({
  question: form.question.trim(),
  answer: form.answer.trim(),
  category: form.category.trim(),
  tags: tagsOf(form.tags),
});

export const isSame = (a: Typed, b: Typed): boolean => JSON.stringify(draftOf(a)) === JSON.stringify(draftOf(b));

/** What keeps an entry from being saved, field by field. */
export function problemsOf(form: Typed): Problems {
  const { question, answer, category, tags } = draftOf(form);
  const problems: Problems = {};
  if (!question) problems.question = "Write the question as people ask it.";
  else if (question.length > MAX_QUESTION) problems.question = tooLong(question, MAX_QUESTION);
  if (!answer) problems.answer = "Write the answer that is given.";
  else if (answer.length > MAX_ANSWER) problems.answer = tooLong(answer, MAX_ANSWER);
  if (category.length > MAX_CATEGORY) problems.category = tooLong(category, MAX_CATEGORY);
  if (tags.length > MAX_TAGS) problems.tags = `These are ${tags.length} tags. At most ${MAX_TAGS} are kept.`;
  else if (tags.some((tag) => tag.length > MAX_TAG)) problems.tags = `A tag has at most ${MAX_TAG} characters.`;
  return problems;
}

const tooLong = (text: string, most: number): string =>
  `${text.length.toLocaleString()} characters are too many. Use at most ${most.toLocaleString()}.`;

import type { Citation, Document, Verdict } from "@/api/types";
import type { IconName } from "@/ui";
import type { Passage, Position } from "./types";

export type PanelSentence = { text: string; verdict: Verdict | null } | null;

type Tone = "supported" | "unsupported" | "conflict" | "near";
export type VerdictWords = { tone: Tone; icon: IconName; words: string };

/** What the check found about the sentence that the reader came from, as words and an icon: never colour alone. */
export function verdictWords(sentence: PanelSentence): VerdictWords {
  if (!sentence) return { tone: "near", icon: "search", words: "Near your question, but no answer" };
  switch (sentence.verdict) {
    case "supported":
      return { tone: "supported", icon: "check", words: "Supports this sentence" };
    case "unsupported":
      return { tone: "unsupported", icon: "unsourced", words: "Does not support this sentence" };
    case "conflicting":
      return { tone: "conflict", icon: "conflict", words: "Disagrees with another source" };
    case "no_claim":
      return { tone: "near", icon: "quote", words: "Cited beside this sentence" };
    case null:
      return { tone: "near", icon: "clock", words: "Being checked" };
  }
}

export function positionWords(position: Position): string {
  if (position.unit === "whole") return "The whole text";
  if (position.unit === "share") return `${Math.round(position.share * 100)} % down the text`;
  const name = { page: "Page", slide: "Slide", sheet: "Sheet" }[position.unit];
  return position.total ? `${name} ${position.number} of ${position.total}` : `${name} ${position.number}`;
}

/** The folders of a path as a trail; the whole path where the title does not already name the file. */
export function pathTrail(path: string, title: string): string {
  const parts = path.split(/[/\\]/u).filter(Boolean);
  const folders = parts.at(-1) === title ? parts.slice(0, -1) : parts;
  return folders.join(" › ") || path;
}

export const isPdf = (path: string, mediaType: string | null | undefined): boolean =>
  mediaType ? mediaType === "application/pdf" : /\.pdf$/iu.test(path);

const number = new Intl.NumberFormat();

/** "118 pages", or how many characters a text without pages has. */
export function extentWords(about: Pick<Document, "pages" | "chars"> | undefined): string {
  if (!about) return "";
  const [value, one] = about.pages ? [about.pages, "page"] : [about.chars, "character"];
  return `${number.format(value)} ${one}${value === 1 ? "" : "s"}`;
}

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv"]);

export const isRightToLeft = (language: string | null | undefined): boolean =>
  RIGHT_TO_LEFT.has(language?.slice(0, 2) ?? "");

/** The span of a citation; null when a document was opened as a whole, which is an empty span. */
export const passageOf = ({ start, end, page }: Citation): Passage | null => (end > start ? { start, end, page } : null);

/** The other spans that the answer cites in the same version of the same document. */
export function otherPassages(citations: readonly Citation[], index: number): Passage[] {
  const shown = citations[index];
  if (!shown) return [];
  return citations.flatMap((citation, at) => {
    const same = citation.document.id === shown.document.id && citation.document.version === shown.document.version;
    const passage = at !== index && same ? passageOf(citation) : null;
    return passage && !(passage.start === shown.start && passage.end === shown.end) ? [passage] : [];
  });
}

import { Icon, type IconName } from "@/ui";
import { plainText } from "../markdown/parse";
import type { AnswerView, SentenceView } from "../thread";
import { placeOf, textOf, type Reference } from "./references";

const found: Record<string, { icon: IconName; words: string }> = {
  supported: { icon: "check", words: "supported" },
  unsupported: { icon: "unsourced", words: "no source" },
  conflicting: { icon: "conflict", words: "sources disagree" },
};

type CheckListProps = { answer: AnswerView; references: readonly Reference[]; onOpen: (index: number) => void };

/** What the check of each sentence found, and where. */
export function CheckList({ answer, references, onOpen }: CheckListProps) {
  const claims = answer.sentences
    .map((sentence, index) => ({ sentence, index }))
    .filter(({ sentence }) => sentence.verdict !== null && sentence.verdict !== "no_claim");
  const supported = claims.filter(({ sentence }) => sentence.verdict === "supported").length;
  return (
    <>
    <p className="check-rate">
      <b className="num">{claims.length ? Math.round((100 * supported) / claims.length) : 0} %</b> of what this answer
      claims is supported by what it cites.
    </p>
    <ol className="checks">
      {claims.map(({ sentence, index }) => (
        <li key={index} data-verdict={sentence.verdict}>
          <Icon name={verdictOf(sentence).icon} size="sm" />
          <span className="check-text">{plainText(textOf(answer, sentence))}</span>
          <span className="check-places">
            {references.map((reference, at) =>
              reference.sentence === index ? (
                <button key={at} type="button" onClick={() => onOpen(at)}>
                  {placeOf(reference.citation)}
                </button>
              ) : null,
            )}
            <small>{verdictOf(sentence).words}</small>
          </span>
        </li>
      ))}
    </ol>
    </>
  );
}

const unsupported = { icon: "unsourced", words: "no source" } as const;
const verdictOf = (sentence: SentenceView) => found[sentence.verdict ?? "unsupported"] ?? unsupported;

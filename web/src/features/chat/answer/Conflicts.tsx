import { dayWords } from "@/app/dates";
import { Icon } from "@/ui";
import { plainText } from "../markdown/parse";
import type { AnswerView } from "../thread";
import { placeOf, textOf, type Reference } from "./references";

type ConflictsProps = { answer: AnswerView; references: readonly Reference[]; onOpen: (index: number) => void };

/** Sources that do not say the same: each with its words and date, side by side, the newest named as such. */
export function Conflicts({ answer, references, onOpen }: ConflictsProps) {
  const contested = answer.sentences.flatMap((sentence, index) => {
    const sides = references.map((reference, at) => ({ reference, at })).filter((one) => one.reference.sentence === index);
    return sentence.verdict === "conflicting" && sides.some(({ reference }) => reference.citation.quote)
      ? [{ sentence, index, sides }]
      : [];
  });
  return contested.map(({ sentence, index, sides }) => (
    <section key={index} className="conflict" aria-label="Sources that disagree">
      <h3>
        <Icon name="conflict" size="sm" />
        {sides.length > 1 ? "Sources disagree" : "Its source says otherwise"}
      </h3>
      <p className="conflict-said" dir="auto">
        {plainText(textOf(answer, sentence))}
      </p>
      <div className="sides">
        {sides.map(({ reference, at }) => (
          <Side
            key={at}
            quote={reference.citation.quote ?? ""}
            place={placeOf(reference.citation)}
            dated={reference.citation.dated ?? null}
            newest={isNewest(reference, sides.map((side) => side.reference))}
            onOpen={() => onOpen(at)}
          />
        ))}
      </div>
    </section>
  ));
}

type SideProps = { quote: string; place: string; dated: string | null; newest: boolean; onOpen: () => void };

/** One side of a disagreement: what the source says, where, and since when it is known. */
export function Side({ quote, place, dated, newest, onOpen }: SideProps) {
  return (
    <button type="button" className="side" onClick={onOpen}>
      <q dir="auto">{quote.replaceAll(/\s+/gu, " ").trim()}</q>
      <span className="src">
        <Icon name="doc" />
        <span className="clip">{place}</span>
      </span>
      {dated && (
        <small className="num">
          Read {dayWords(dated)}
          {newest && <b className="pill pill-ink">newer</b>}
        </small>
      )}
    </button>
  );
}

function isNewest(one: Reference, all: readonly Reference[]): boolean {
  const day = (reference: Reference) => reference.citation.dated?.slice(0, 10) ?? "";
  return all.some((other) => day(other) < day(one)) && all.every((other) => day(other) <= day(one));
}

import { Icon } from "@/ui";
import type { AnswerView } from "../thread";
import { bareQuote } from "./bareQuote";
import { placeOf, textOf, type Reference } from "./references";
import { tableRow } from "./tableRow";

type QuotesProps = {
  answer: AnswerView;
  references: readonly Reference[];
  pressed: number | null;
  onOpen: (index: number) => void;
};

/** An answer made without a model: what the documents say, word for word, each passage with where it stands. */
export function Quotes({ answer, references, pressed, onOpen }: QuotesProps) {
  const parts = answer.sentences.map((sentence, index) => ({
    sentence,
    index,
    key: references.findIndex((reference) => reference.sentence === index),
  }));
  const lead = parts.filter((part) => part.key < 0);
  return (
    <>
      {lead.map(({ sentence, index }) => (
        <p key={index} dir="auto">
          {textOf(answer, sentence)}
        </p>
      ))}
      <div className="passages">
        {parts.map(({ sentence, index, key }) => {
          const reference = references[key];
          return reference ? (
            <PassageButton
              key={index}
              text={bareQuote(textOf(answer, sentence))}
              reference={reference}
              pressed={key === pressed}
              onOpen={() => onOpen(key)}
            />
          ) : null;
        })}
      </div>
    </>
  );
}

type PassageProps = { text: string; reference: Reference; pressed: boolean; onOpen: () => void };

function PassageButton({ text, reference, pressed, onOpen }: PassageProps) {
  return (
    <button type="button" className="passage" aria-pressed={pressed} onClick={onOpen}>
      <Quoted text={text} />
      <span className="src">
        <Icon name="doc" />
        <span className="clip">{placeOf(reference.citation)}</span>
        <span className="cite" aria-hidden="true">
          <span>{reference.citation.n}</span>
        </span>
      </span>
    </button>
  );
}

/** The words of a document; a row of a table as the names of its columns with what stands in them. */
function Quoted({ text }: { text: string }) {
  const cells = tableRow(text);
  if (!cells) return <q dir="auto">{text}</q>;
  return (
    <span className="cells">
      {cells.map(({ head, value }, column) => (
        <span key={column} className="cell">
          <span className="cell-head" dir="auto">
            {head}
          </span>{" "}
          <span dir="auto">{value}</span>
        </span>
      ))}
    </span>
  );
}

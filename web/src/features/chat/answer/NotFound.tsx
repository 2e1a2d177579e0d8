import { Icon } from "@/ui";
import type { AnswerView } from "../thread";
import { placeOf, type Reference } from "./references";

type NotFoundProps = {
  answer: AnswerView;
  references: readonly Reference[];
  pressed: number | null;
  onOpen: (index: number) => void;
};

const SHOWN = 3;
const LONGEST = 280;

/** The honest "I can't find this", in the bot's words and language, with the passages that come nearest. */
export function NotFound({ answer, references, pressed, onOpen }: NotFoundProps) {
  const nearest = references.slice(0, SHOWN);
  return (
    <>
      <p className="not-found" dir="auto">
        <Icon name="search" size="sm" />
        {answer.text}
      </p>
      <div className="passages">
        {nearest.map((reference, index) => (
          <button
            key={index}
            type="button"
            className="passage"
            aria-pressed={index === pressed}
            onClick={() => onOpen(index)}
          >
            <q dir="auto">{shorten(reference.excerpt ?? "")}</q>
            <span className="src">
              <Icon name="doc" />
              <span className="clip">{placeOf(reference.citation)}</span>
            </span>
          </button>
        ))}
      </div>
    </>
  );
}

/** At most this long, cut between words. */
function shorten(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  if (line.length <= LONGEST) return line;
  const cut = line.slice(0, LONGEST);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), LONGEST - 30))}…`;
}

import { placeOf, type Reference } from "./references";

type CitationKeyProps = { reference: Reference; pressed: boolean; onOpen: () => void };

/** A small numbered key behind a sentence. Pressed, it takes the marker's colour, as does its passage. */
export function CitationKey({ reference, pressed, onOpen }: CitationKeyProps) {
  const { n } = reference.citation;
  return (
    <button
      type="button"
      className="cite"
      aria-pressed={pressed}
      aria-label={`Citation ${n}, open ${placeOf(reference.citation)}`}
      onClick={onOpen}
    >
      <span>{n}</span>
    </button>
  );
}

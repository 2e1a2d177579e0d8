/** How far down the document (0 to 1) a passage lies, and whether it is the one asked for. */
export type MapPlace = { share: number; on: boolean };

/** The edge of the panel as a map: where in the document the answer's citations lie. */
export function CitationMap({ places }: { places: readonly MapPlace[] }) {
  if (places.length === 0) return null;
  const ordered = [...places].sort((a, b) => Number(a.on) - Number(b.on));
  return (
    <div className="citemap" aria-hidden="true">
      {ordered.map((place, at) => (
        <i
          key={at}
          className={place.on ? "on" : undefined}
          style={{ insetBlockStart: `${Math.min(0.985, Math.max(0, place.share)) * 100}%` }}
        />
      ))}
    </div>
  );
}

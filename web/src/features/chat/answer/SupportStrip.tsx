import type { Support } from "./support";

/** One segment per sentence, and the count in words: never colour alone. */
export function SupportStrip({ support, open, onToggle }: { support: Support; open: boolean; onToggle: () => void }) {
  return (
    <button type="button" className="support" aria-expanded={open} onClick={onToggle}>
      <span className="strip" aria-hidden="true">
        {support.segments.map((segment, index) => (
          <i key={index} data-segment={segment} />
        ))}
      </span>
      <span className="num">{support.words}</span>
    </button>
  );
}

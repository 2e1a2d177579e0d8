import { useId } from "react";

export type Point = { key: string; label: string; value: number | null };

const WIDTH = 560;
const HEIGHT = 160;
const EDGE = { left: 44, right: 12, top: 10, bottom: 22 };
const TICKS = 4;

type TrendProps = {
  title: string;
  points: readonly Point[];
  /** Of the scale's end; shares reach to 1. */
  most?: number;
  say: (value: number) => string;
  chosen?: string;
};

/** A line over runs, oldest first. What it shows stands in a table beside it, for those who do not see it. */
export function Trend({ title, points, most = 1, say, chosen }: TrendProps) {
  const id = useId();
  const known = points.map((point, at) => ({ ...point, at })).filter((point) => point.value !== null);
  const x = (at: number) =>
    EDGE.left + (points.length < 2 ? 0.5 : at / (points.length - 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number) => EDGE.top + (1 - Math.min(1, value / most)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const line = known.map((point) => `${x(point.at)},${y(point.value ?? 0)}`).join(" ");
  return (
    <figure className="trend">
      <figcaption id={id}>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {Array.from({ length: TICKS + 1 }, (_, tick) => {
          const value = (most * tick) / TICKS;
          return (
            <g key={tick}>
              <line className="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(value)} y2={y(value)} />
              <text x={EDGE.left - 8} y={y(value) + 4} textAnchor="end">
                {say(value).replace(".0 ", " ")}
              </text>
            </g>
          );
        })}
        {known.length > 1 && <polyline points={line} />}
        {known.map((point) => (
          <circle key={point.key} cx={x(point.at)} cy={y(point.value ?? 0)} r={point.key === chosen ? 5 : 3.5} data-on={point.key === chosen || undefined}>
            <title>{`${point.label}: ${say(point.value ?? 0)}`}</title>
          </circle>
        ))}
        {points.length > 0 && (
          <>
            <text x={x(0)} y={HEIGHT - 4} textAnchor={points.length < 2 ? "middle" : "start"}>
              {points[0]?.label}
            </text>
            {points.length > 1 && (
              <text x={x(points.length - 1)} y={HEIGHT - 4} textAnchor="end">
                {points.at(-1)?.label}
              </text>
            )}
          </>
        )}
      </svg>
      <table className="sr" aria-labelledby={id}>
        <tbody>
          {points.map((point) => (
            <tr key={point.key}>
              <th scope="row">{point.label}</th>
              <td>{point.value === null ? "not measured" : say(point.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

type BarProps = { value: number | null; before?: number | null; worse?: boolean };

/** A share as a bar; a notch says where it was before. The figures stand beside it, so it is not read out. */
export function ShareBar({ value, before, worse }: BarProps) {
  const percent = (share: number) => `${100 * Math.min(1, Math.max(0, share))}%`;
  return (
    <span className="share" aria-hidden="true" data-worse={worse || undefined}>
      {value !== null && <i style={{ inlineSize: percent(value) }} />}
      {before != null && <b style={{ insetInlineStart: percent(before) }} />}
    </span>
  );
}

type HistogramProps = { title: string; values: readonly number[]; say: (value: number) => string };

const BINS = 24;

/** How often which time was taken, on a logarithmic scale: answers differ by orders of magnitude. */
export function Histogram({ title, values, say }: HistogramProps) {
  const id = useId();
  const sorted = values.filter((value) => value > 0).toSorted((a, b) => a - b);
  if (sorted.length < 2) return null;
  const [low, high] = [Math.log(sorted[0] ?? 1), Math.log(sorted.at(-1) ?? 1)];
  const span = high - low || 1;
  const bins = Array.from({ length: BINS }, () => 0);
  for (const value of sorted) {
    const at = Math.min(BINS - 1, Math.floor(((Math.log(value) - low) / span) * BINS));
    bins[at] = (bins[at] ?? 0) + 1;
  }
  const tallest = Math.max(...bins);
  const inner = WIDTH - EDGE.left - EDGE.right;
  const floor = HEIGHT - EDGE.bottom;
  const edge = (share: number) => say(Math.exp(low + share * span));
  return (
    <figure className="trend">
      <figcaption id={id}>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <line className="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={floor} y2={floor} />
        {bins.map((count, at) => {
          const tall = (count / tallest) * (floor - EDGE.top);
          return count ? (
            <rect key={at} x={EDGE.left + (at / BINS) * inner + 1} y={floor - tall} width={inner / BINS - 2} height={tall} rx="2">
              <title>{`${count} between ${edge(at / BINS)} and ${edge((at + 1) / BINS)}`}</title>
            </rect>
          ) : null;
        })}
        <text x={EDGE.left} y={HEIGHT - 4}>
          {edge(0)}
        </text>
        <text x={EDGE.left + inner / 2} y={HEIGHT - 4} textAnchor="middle">
          {edge(0.5)}
        </text>
        <text x={WIDTH - EDGE.right} y={HEIGHT - 4} textAnchor="end">
          {edge(1)}
        </text>
      </svg>
      <p className="sr">
        Fastest {edge(0)}, slowest {edge(1)}.
      </p>
    </figure>
  );
}

import { memo, type ReactNode } from "react";
import { countCodePoints } from "@/api/codePoints";
import { isWrapped, splitRun, type Block, type Run } from "./blocks";
import { segments, type Mark } from "./highlight";

type TextBlockProps = { block: Block; marks: readonly Mark[] };

/** One block of a document. Everything is drawn as text: whatever the document holds, it is never markup here. */
export const TextBlock = memo(function TextBlock({ block, marks }: TextBlockProps) {
  const place = { "data-start": block.start, "data-hit": ("text" in block && hitTone([block], marks)) || undefined };
  switch (block.kind) {
    case "heading": {
      const Heading = `h${Math.min(6, block.level + 2)}` as "h3" | "h4" | "h5" | "h6";
      return (
        <Heading {...place} data-level={block.level}>
          <Marked run={block} marks={marks} />
        </Heading>
      );
    }
    case "code":
      return (
        <pre {...place} tabIndex={0} aria-label="Code">
          <Pieces run={block} marks={marks} />
        </pre>
      );
    case "quote":
      return (
        <blockquote {...place}>
          <Marked run={block} marks={marks} />
        </blockquote>
      );
    case "list_item":
      return (
        <p {...place} className="txt-item" style={{ marginInlineStart: `${(block.depth - 1) * 1.25}em` }}>
          <Marked run={block} marks={marks} />
        </p>
      );
    case "table":
      return <TextTable block={block} marks={marks} place={place} />;
    case "divider":
      return (
        <p className="txt-divider" data-start={block.start}>
          {block.unit === "page" ? "Page" : block.unit === "slide" ? "Slide" : "Sheet"} {block.number}
        </p>
      );
    default:
      return (
        <p {...place} className={isWrapped(block.text) ? undefined : "txt-lines"}>
          <Pieces run={block} marks={marks} />
        </p>
      );
  }
});

/** Whether a passage touches these runs, for the line at their edge. */
function hitTone(runs: readonly Run[], marks: readonly Mark[]): Mark["tone"] | null {
  let found: Mark["tone"] | null = null;
  for (const run of runs) {
    const end = run.start + countCodePoints(run.text);
    for (const mark of marks) {
      if (mark.start >= end || mark.end <= run.start) continue;
      if (mark.tone === "on") return "on";
      found = "dim";
    }
  }
  return found;
}

/** A run of any length in pieces, each of which keeps its place when more is loaded around it. */
function Pieces({ run, marks }: { run: Run; marks: readonly Mark[] }): ReactNode {
  const pieces = splitRun(run);
  if (pieces.length === 1) return <Marked run={run} marks={marks} />;
  return pieces.map((piece) => (
    <span key={piece.start} className="txt-piece" data-start={piece.start}>
      <Marked run={piece} marks={marks} />
    </span>
  ));
}

function Marked({ run, marks }: { run: Run; marks: readonly Mark[] }): ReactNode {
  return segments(run.text, run.start, marks).map((segment) =>
    segment.tone ? (
      <mark key={`${segment.start}-${segment.tone}`} data-tone={segment.tone}>
        {segment.text}
      </mark>
    ) : (
      segment.text
    ),
  );
}

type TableProps = { block: Extract<Block, { kind: "table" }>; marks: readonly Mark[]; place: Record<string, unknown> };

function TextTable({ block, marks, place }: TableProps) {
  const columns = Math.max(...block.rows.map((row) => row.cells.length), 1);
  return (
    <div {...place} className="txt-table scroll" tabIndex={0} role="region" aria-label="Table">
      <table>
        <tbody>
          {block.rows.map((row, at) => (
            <tr key={row.cells[0]?.start ?? at} data-start={row.cells[0]?.start} data-hit={hitTone(row.cells, marks) ?? undefined}>
              {row.cells.map((cell, column) => {
                const Cell = row.header ? "th" : "td";
                return (
                  <Cell
                    key={column}
                    scope={row.header ? "col" : undefined}
                    colSpan={row.cells.length === 1 && columns > 1 ? columns : undefined}
                    data-number={isNumber(cell.text) || undefined}
                  >
                    <Marked run={cell} marks={marks} />
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isNumber = (text: string): boolean => /^[-+(]?[$£€]?\s?[\d.,\s]*\d[\d.,\s]*[%)]?$/u.test(text);

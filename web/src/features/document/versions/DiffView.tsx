import { Fragment, useMemo } from "react";
import type { VersionDiff } from "@/api/types";
import { countOf } from "../../sources/words";
import { linesBetween, shownLines, type ShownLine } from "./diff";

type DiffViewProps = { diff: VersionDiff; apart: boolean };

const SAID: Partial<Record<ShownLine["kind"], string>> = { removed: "Removed:", added: "Added:", mixed: "Changed:" };

/** The changed lines with a few around them; what changed in a line is marked and said, not coloured alone. */
export function DiffView({ diff, apart }: DiffViewProps) {
  const hunks = useMemo(() => diff.hunks.map((hunk) => shownLines(hunk, apart)), [diff, apart]);
  return (
    <div className="diff" dir="auto">
      {hunks.map((lines, at) => (
        <Fragment key={at}>
          <Gap lines={linesBetween(diff.hunks[at - 1], diff.hunks[at] ?? [])} />
          <ol className="hunk">
            {lines.map((line, row) => (
              <Line key={row} line={line} />
            ))}
          </ol>
        </Fragment>
      ))}
      {diff.cut && <p className="diff-gap">There is more than can be shown at once. Open both versions to see the rest.</p>}
    </div>
  );
}

function Gap({ lines }: { lines: number | null }) {
  if (!lines) return null;
  return <p className="diff-gap num">{countOf(lines, "line")} unchanged</p>;
}

function Line({ line }: { line: ShownLine }) {
  const said = SAID[line.kind];
  return (
    <li className="diff-line" data-kind={line.kind}>
      <span className="diff-at num" aria-hidden="true">
        {line.after ?? line.before}
      </span>
      <span className="diff-text">
        {said && <span className="sr">{said} </span>}
        {line.pieces.map((piece, at) =>
          piece.kind === "removed" ? (
            <del key={at}>{piece.text}</del>
          ) : piece.kind === "added" ? (
            <ins key={at}>{piece.text}</ins>
          ) : (
            piece.text
          ),
        )}
      </span>
    </li>
  );
}

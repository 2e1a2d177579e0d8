import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Source } from "@/api/types";
import { Icon, Progress } from "@/ui";
import { useReading } from "./useReading";
import { count, sourceIcon, statusWords } from "./words";

type SourceRowProps = { source: Source; botId: string; current: boolean };

/** A source in the list: what it is, what it does, how much it holds. */
export const SourceRow = memo(function SourceRow({ source, botId, current }: SourceRowProps) {
  const reading = useReading(source);
  const status = statusWords(source, reading?.rate);
  return (
    <Link
      className="src-row"
      to="/sources/$botId/$sourceId"
      params={{ botId, sourceId: source.id }}
      aria-current={current ? "true" : undefined}
    >
      <span className="kind">
        <Icon name={sourceIcon(source)} />
      </span>
      <span className="src-words">
        <span className="src-name">
          <span className="clip">{source.name}</span>
          {source.visibility === "learn_only" && <span className="pill">Learn only</span>}
        </span>
        <span className="src-status clip" data-tone={status.tone}>
          {status.text}
        </span>
        {reading && reading.total > 0 && (
          <Progress thin done={reading.done} total={reading.total} label={`Reading ${source.name}`} />
        )}
      </span>
      <span className="src-count num">
        {reading && reading.total > 0 ? (
          <>
            {count(reading.done)}
            <br />
            of {count(reading.total)}
          </>
        ) : (
          count(source.counts.documents)
        )}
      </span>
    </Link>
  );
});

import { inWords } from "@/api/errors";
import { useRetrySource } from "@/api/queries/sources";
import { useKnownByWords } from "@/api/queries/status";
import type { Source } from "@/api/types";
import { Button, toast } from "@/ui";
import { rateWords, secondsLeft } from "./rate";
import { useReading, type Reading } from "./useReading";
import { agoWords, count, countOf, durationWords, isBusy, picturesOf, unitOf } from "./words";

/** How far a source has been read, moved on by the server as it reads. */
export function SourceProgress({ source }: { source: Source }) {
  const reading = useReading(source);
  const retry = useRetrySource();
  const known = useKnownByWords(source.status === "reading");
  const { counts } = source;
  const total = reading?.total ?? counts.documents;
  const done = reading?.done ?? counts.documents - counts.pending;
  const failed = Math.max(reading?.failed ?? 0, counts.failed);
  const pictures = picturesOf(source);
  const wanting = failed - pictures;
  const again = counts.failed > 0 || source.status === "failed" || source.status === "cancelled";
  return (
    <div className="live">
      <div className="row live-head">
        <span className="h3 num" role="status">
          {headline(source, done, total)}
        </span>
        <span className="muted num live-pace">{reading ? paceWords(reading) : endWords(source)}</span>
      </div>
      <LiveBar done={done} failed={wanting} total={total} />
      <div className="figures num">
        <span>
          <b>{count(counts.ready)}</b> ready to answer from
        </span>
        {counts.chunks > 0 && (
          <span>
            <b>{count(counts.chunks)}</b> {counts.chunks === 1 ? "passage" : "passages"}
          </span>
        )}
        {counts.unchanged > 0 && (
          <span>
            <b>{count(counts.unchanged)}</b> unchanged, not read again
          </span>
        )}
        {wanting > 0 && (
          <span>
            <b>{count(wanting)}</b> {wanting === 1 ? "needs" : "need"} you
          </span>
        )}
        {pictures > 0 && (
          <span>
            <b>{count(pictures)}</b> {pictures === 1 ? "is no document" : "are no documents, pictures and the like"}
          </span>
        )}
        <span className="grow" />
        {reading && (known > 0 || counts.ready > 0) && <span>{askWords(known)}</span>}
        {!reading && again && (
          <Button
            size="sm"
            icon="retry"
            busy={retry.isPending}
            onClick={() => retry.mutate(source.id, { onError: (error) => toast(inWords(error), "bad") })}
          >
            {source.status === "cancelled" ? "Read the rest" : "Try failed files again"}
          </Button>
        )}
      </div>
      {source.error && <p className="field-error">{source.error.message}</p>}
    </div>
  );
}

function headline(source: Source, done: number, total: number): string {
  if (source.status === "scanning") return total > 0 ? `Looking for files, ${count(total)} so far` : "Looking for files";
  const { ready, failed } = source.counts;
  const all = countOf(total, unitOf(source));
  if (done === total && failed > 0 && !isBusy(source)) return `${count(ready)} of ${all} read`;
  if (done === total) return `${all} read`;
  return `${count(done)} of ${all} read`;
}

function paceWords(reading: Reading): string {
  const seconds = secondsLeft(reading.rate, reading.total - reading.done);
  if (!reading.rate) return "";
  return `${rateWords(reading.rate)}${seconds ? `, about ${durationWords(seconds)} left` : ""}`;
}

function askWords(known: number): string {
  if (known === 0) return "You can ask now. Answers use what has been read so far.";
  const waiting = `${countOf(known, "file")} still to be read ${known === 1 ? "is" : "are"} known by words`;
  return `You can ask now. ${waiting}: what you ask about is read first.`;
}

const endWords = (source: Source): string => (source.finished_at ? `Last read ${agoWords(source.finished_at)}` : "");

function LiveBar({ done, failed, total }: { done: number; failed: number; total: number }) {
  const whole = Math.max(1, total);
  const bad = Math.min(failed, done);
  return (
    <div
      className="bar live-bar"
      role="progressbar"
      aria-label="Files read"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${count(done)} of ${count(total)}${bad ? `, ${count(bad)} failed` : ""}`}
    >
      <i style={{ inlineSize: `${(100 * (done - bad)) / whole}%` }} />
      {bad > 0 && <i className="bad" style={{ inlineSize: `max(4px, ${(100 * bad) / whole}%)` }} />}
    </div>
  );
}

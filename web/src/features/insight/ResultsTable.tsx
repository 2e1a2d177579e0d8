import { useDeferredValue, useState } from "react";
import type { Result } from "@/api/queries/evaluation";
import { LazyTraceDialog } from "@/features/trace/LazyTraceDialog";
import { Button, Icon, SearchField, Segmented, type IconName } from "@/ui";
import { figure } from "./metrics";

type Filter = "all" | "wrong" | "declined" | "failed";
const STEP = 100;

const keeps: Record<Filter, (result: Result) => boolean> = {
  all: () => true,
  wrong: (result) => !result.right,
  declined: (result) => result.abstained,
  failed: (result) => result.error_code !== null,
};
const labels: Record<Filter, string> = { all: "All", wrong: "Wrong", declined: "Declined", failed: "Failed" };

/** What every question came to, wrong ones first; each leads to how its answer came about. */
export function ResultsTable({ results, error }: { results: readonly Result[]; error: string | null }) {
  const [filter, setFilter] = useState<Filter>("all");
  const [words, setWords] = useState("");
  const [most, setMost] = useState(STEP);
  const [tracing, setTracing] = useState<string | null>(null);
  const wanted = useDeferredValue(words.trim().toLowerCase());
  const found = results
    .filter((result) => keeps[filter](result) && result.question.toLowerCase().includes(wanted))
    .toSorted((a, b) => Number(a.right) - Number(b.right));
  const count = (kind: Filter) => results.filter(keeps[kind]).length;
  return (
    <section className="card card-pad results" aria-label="Questions">
      <header>
        <h3>Questions</h3>
        <Segmented
          label="Which questions"
          value={filter}
          onChange={setFilter}
          options={(["all", "wrong", "declined", "failed"] as const)
            .filter((kind) => kind !== "failed" || count("failed") > 0)
            .map((value) => ({ value, label: `${labels[value]} ${count(value)}` }))}
        />
        <SearchField label="Find a question" value={words} onChange={(event) => setWords(event.target.value)} />
      </header>
      {error && <p className="hint">{error}</p>}
      <div className="ins-scroll" tabIndex={0} role="region" aria-label="Results by question">
        <table>
          <thead>
            <tr>
              <th scope="col">Question</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="num">
                Correct
              </th>
              <th scope="col" className="num">
                Supported
              </th>
              <th scope="col" className="num">
                Found
              </th>
              <th scope="col" className="num">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, most).map((result) => (
              <Row key={result.question_id} result={result} onTrace={setTracing} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <p className="hint">No question fits.</p>}
      {found.length > most && <Button onClick={() => setMost(most + STEP)}>Show {STEP} more</Button>}
      {tracing && <LazyTraceDialog turnId={tracing} open onClose={() => setTracing(null)} />}
    </section>
  );
}

function outcomeOf(result: Result): { icon: IconName; pill: string; words: string } {
  if (result.error_code) return { icon: "alert", pill: "pill pill-bad", words: "failed" };
  if (result.abstained)
    return result.answerable
      ? { icon: "search", pill: "pill pill-warn", words: "declined" }
      : { icon: "check", pill: "pill pill-ok", words: "rightly declined" };
  if (!result.answerable) return { icon: "close", pill: "pill pill-warn", words: "should be declined" };
  return result.right
    ? { icon: "check", pill: "pill pill-ok", words: "right" }
    : { icon: "close", pill: "pill pill-warn", words: "wrong" };
}

function Row({ result, onTrace }: { result: Result; onTrace: (turnId: string) => void }) {
  const { icon, pill, words } = outcomeOf(result);
  const turnId = result.turn_id;
  return (
    <tr>
      <th scope="row" dir="auto">
        {turnId ? (
          <button type="button" className="row-link" onClick={() => onTrace(turnId)}>
            {result.question}
          </button>
        ) : (
          result.question
        )}
      </th>
      <td>
        <span className={pill}>
          <Icon name={icon} />
          {words}
        </span>
      </td>
      <td className="num">{figure("correctness", result.judged_correctness ?? result.correctness)}</td>
      <td className="num">{figure("faithfulness", result.faithfulness)}</td>
      <td className="num">{figure("recall_10", result.recall_10)}</td>
      <td className="num">{figure("p50_ms", result.ms)}</td>
    </tr>
  );
}

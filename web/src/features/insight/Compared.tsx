import { useState } from "react";
import { inWords } from "@/api/errors";
import { useComparison, type Change, type Result, type Run } from "@/api/queries/evaluation";
import { LazyTraceDialog } from "@/features/trace/LazyTraceDialog";
import { Icon, Spinner, type IconName } from "@/ui";
import { ShareBar } from "./charts";
import { difference, figure, infoOf, labelOf, ordered, turnOf, type Turn } from "./metrics";

/** What changed between two runs: what got worse first, then what got better, then the rest. */
export function Compared({ before, after }: { before: Run; after: Run }) {
  const comparison = useComparison(before.id, after.id);
  if (comparison.isPending) return <Spinner />;
  if (comparison.error) return <p className="hint">{inWords(comparison.error)}</p>;
  const { changes, worse, better } = comparison.data;
  const rows = ordered(changes);
  return (
    <section className="card card-pad compared" aria-label="Before and after">
      <header>
        <h3>Before and after</h3>
        <p className="hint">
          “{before.note || before.model}” is compared with “{after.note || after.model}”. Worse means by more than chance
          would make it at this number of questions.
        </p>
      </header>
      <Verdict rows={rows} />
      <div className="ins-scroll" tabIndex={0} role="region" aria-label="Metrics before and after">
        <table>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" className="num">
                Before
              </th>
              <th scope="col" className="num">
                After
              </th>
              <th scope="col" className="hide-phone">
                <span className="sr">Plot</span>
              </th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((change) => (
              <ChangeRow key={change.metric} change={change} />
            ))}
          </tbody>
        </table>
      </div>
      <Turned title="Right before, wrong now" results={worse} turn="worse" />
      <Turned title="Wrong before, right now" results={better} turn="better" />
    </section>
  );
}

const turns: Record<Turn, { icon: IconName; pill: string; words: string }> = {
  worse: { icon: "down", pill: "pill pill-bad", words: "worse" },
  better: { icon: "up", pill: "pill pill-ok", words: "better" },
  same: { icon: "right", pill: "pill", words: "within chance" },
};

const unchanged: (typeof turns)[Turn] = { icon: "right", pill: "pill", words: "the same" };

function Verdict({ rows }: { rows: readonly Change[] }) {
  const worse = rows.filter((change) => turnOf(change) === "worse");
  const better = rows.filter((change) => turnOf(change) === "better");
  return (
    <p className="verdict" data-turn={worse.length ? "worse" : better.length ? "better" : "same"}>
      <Icon name={worse.length ? "alert" : "check"} size="sm" />
      {worse.length
        ? `${worse.map(({ metric }) => labelOf(metric)).join(", ")} got worse.`
        : "No regression."}{" "}
      {better.length > 0 && `${better.map(({ metric }) => labelOf(metric)).join(", ")} got better.`}
    </p>
  );
}

function ChangeRow({ change }: { change: Change }) {
  const turn = turnOf(change);
  const { icon, pill, words } = change.before === change.after ? unchanged : turns[turn];
  return (
    <tr data-turn={turn}>
      <th scope="row">{labelOf(change.metric)}</th>
      <td className="num">{figure(change.metric, change.before)}</td>
      <td className="num">{figure(change.metric, change.after)}</td>
      <td className="hide-phone">
        {infoOf(change.metric)?.kind === "share" && (
          <ShareBar value={change.after} before={change.before} worse={turn === "worse"} />
        )}
      </td>
      <td className="num">
        <span className={pill}>
          <Icon name={icon} />
          {words}
        </span>{" "}
        {change.before !== change.after && (
          <span className={turn === "same" ? "muted" : undefined}>{difference(change)}</span>
        )}
      </td>
    </tr>
  );
}

type TurnedProps = { title: string; results: readonly Result[]; turn: Turn };

function Turned({ title, results, turn }: TurnedProps) {
  const [tracing, setTracing] = useState<string | null>(null);
  if (!results.length) return null;
  return (
    <details open={turn === "worse"} className="turned">
      <summary>
        {title}: <b className="num">{results.length}</b>
      </summary>
      <ul>
        {results.map((result) => (
          <li key={result.question_id}>
            {result.turn_id ? (
              <button type="button" className="link" dir="auto" onClick={() => setTracing(result.turn_id)}>
                {result.question}
              </button>
            ) : (
              <span dir="auto">{result.question}</span>
            )}
          </li>
        ))}
      </ul>
      {tracing && <LazyTraceDialog turnId={tracing} open onClose={() => setTracing(null)} />}
    </details>
  );
}

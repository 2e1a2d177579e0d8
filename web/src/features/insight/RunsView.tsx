import { useState } from "react";
import { inWords } from "@/api/errors";
import { isOpen, useCancelRun, useResults, useRun, type Metric, type Run } from "@/api/queries/evaluation";
import { clockTime, fullDate, shortWhen } from "@/app/dates";
import { Button, Icon, Progress, SelectField, toast } from "@/ui";
import { Histogram, ShareBar, Trend } from "./charts";
import { Compared } from "./Compared";
import { figure, infoOf, METRICS, type MetricInfo } from "./metrics";
import { ResultsTable } from "./ResultsTable";

export const runName = (run: Run): string => run.note || `Run of ${shortWhen(run.created_at)}`;

/** All runs over a set: one is looked at, on its own or beside an earlier one. */
export function RunsView({ runs }: { runs: readonly Run[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [against, setAgainst] = useState<string | null>(null);
  const listed = runs.find((run) => run.id === chosen) ?? runs[0];
  if (!listed) return null;
  const earlier = runs.filter((run) => run.id !== listed.id && !isOpen(run) && run.done > 0);
  const usual = earlier.find((run) => run.created_at < listed.created_at);
  const before = against === "none" ? undefined : (earlier.find((run) => run.id === against) ?? usual);
  return (
    <>
      <div className="ins-choice">
        <SelectField
          label="Run"
          value={listed.id}
          onChange={(event) => {
            setChosen(event.target.value);
            setAgainst(null);
          }}
        >
          {runs.map((run) => (
            <option key={run.id} value={run.id}>
              {optionOf(run)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Compared with"
          value={before?.id ?? "none"}
          disabled={earlier.length === 0}
          onChange={(event) => setAgainst(event.target.value)}
        >
          <option value="none">{earlier.length ? "Nothing" : "No other run yet"}</option>
          {earlier.map((run) => (
            <option key={run.id} value={run.id}>
              {optionOf(run)}
            </option>
          ))}
        </SelectField>
      </div>
      <OneRun key={listed.id} known={listed} runs={runs} before={before} />
    </>
  );
}

function optionOf(run: Run): string {
  const [day, time] = [shortWhen(run.created_at), clockTime(run.created_at)];
  return [run.note, run.model, day === time ? day : `${day} ${time}`].filter(Boolean).join(", ");
}

function OneRun({ known, runs, before }: { known: Run; runs: readonly Run[]; before: Run | undefined }) {
  const run = useRun(known);
  const results = useResults(run);
  const ended = !isOpen(run);
  return (
    <>
      <State run={run} />
      {before && ended && run.done > 0 && <Compared before={before} after={run} />}
      {run.done > 0 && (
        <>
          <Figures run={run} before={before} />
          <div className="ins-plots">
            <OverRuns runs={runs} chosen={run.id} />
            <Histogram
              title="Time of an answer"
              values={(results.data ?? []).map((result) => result.ms)}
              say={(ms) => figure("p50_ms", ms)}
            />
          </div>
          <ResultsTable results={results.data ?? []} error={results.error ? inWords(results.error) : null} />
        </>
      )}
    </>
  );
}

function State({ run }: { run: Run }) {
  const cancel = useCancelRun();
  if (isOpen(run))
    return (
      <div className="ins-progress card card-pad" role="status">
        <p>
          <b className="num">
            {run.done} of {run.total}
          </b>{" "}
          questions asked
        </p>
        <Progress done={run.done} total={run.total} label="Questions asked" />
        <Button
          size="sm"
          icon="stop"
          busy={cancel.isPending}
          onClick={() => cancel.mutate(run.id, { onError: (error) => toast(inWords(error), "bad") })}
        >
          Stop
        </Button>
      </div>
    );
  return (
    <p className="hint num">
      {run.status === "failed" && (
        <span className="pill pill-bad">
          <Icon name="alert" />
          {run.error?.message ?? "This run failed."}
        </span>
      )}
      {run.status === "cancelled" && <span className="pill pill-warn">Stopped before its end</span>}{" "}
      {run.done.toLocaleString()} questions, answered by {run.model === "quoted" ? "quotes, no model" : run.model},{" "}
      <time dateTime={run.created_at}>{fullDate(run.created_at)}</time>
      {run.failed > 0 && `, ${run.failed} could not be asked`}
    </p>
  );
}

/** Every metric that applies, in groups, each as figure and bar; a notch says where the other run stood. */
function Figures({ run, before }: { run: Run; before: Run | undefined }) {
  const measured = METRICS.filter(({ name }) => run.metrics[name] != null);
  const groups = [...new Set(measured.map(({ group }) => group))];
  return (
    <section className="ins-groups" aria-label="Metrics">
      {groups.map((group) => (
        <div key={group} className="card card-pad">
          <h3>{group}</h3>
          <dl className="figures">
            {measured
              .filter((metric) => metric.group === group)
              .map((metric) => (
                <Figure key={metric.name} metric={metric} run={run} before={before} />
              ))}
          </dl>
        </div>
      ))}
      {before && <p className="hint ins-notch">The notch marks where “{runName(before)}” stood.</p>}
    </section>
  );
}

function Figure({ metric, run, before }: { metric: MetricInfo; run: Run; before: Run | undefined }) {
  const { name, label, means, kind } = metric;
  const value = run.metrics[name] ?? null;
  return (
    <div>
      <dt>
        {label} <small>{means}</small>
      </dt>
      <dd>
        {kind === "share" && <ShareBar value={value} before={before?.metrics[name]} />}
        <b className="num">{figure(name, value)}</b>
      </dd>
    </div>
  );
}

const PLOTTED: readonly Metric[] = ["correctness", "faithfulness", "recall_10", "ndcg_10", "abstention_f1", "citation_precision", "citation_recall", "p50_ms"];

function OverRuns({ runs, chosen }: { runs: readonly Run[]; chosen: string }) {
  const oldestFirst = runs.filter((run) => run.done > 0).toReversed();
  const offered = PLOTTED.flatMap((name) => infoOf(name) ?? []).filter(({ name }) =>
    oldestFirst.some((run) => run.metrics[name] != null),
  );
  const [metric, setMetric] = useState<Metric | null>(null);
  const shown = offered.find(({ name }) => name === metric) ?? offered[0];
  if (!shown) return null;
  const values = oldestFirst.map((run) => run.metrics[shown.name] ?? null);
  const most = shown.kind === "share" ? 1 : Math.max(1, ...values.map((value) => value ?? 0)) * 1.1;
  return (
    <div className="ins-trend">
      <SelectField label="Over all runs" value={shown.name} onChange={(event) => setMetric(event.target.value as Metric)}>
        {offered.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </SelectField>
      <Trend
        title={`${shown.label}: ${shown.means}`}
        points={oldestFirst.map((run, at) => ({
          key: run.id,
          label: run.note || shortWhen(run.created_at),
          value: values[at] ?? null,
        }))}
        most={most}
        say={(value) => figure(shown.name, value)}
        chosen={chosen}
      />
    </div>
  );
}

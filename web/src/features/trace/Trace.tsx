import { useState } from "react";
import { inWords } from "@/api/errors";
import { useTrace, type Trace as TraceData } from "@/api/queries/trust";
import { EmptyState, Icon, Segmented, Spinner, type IconName } from "@/ui";
import { barsOf, duration, understoodRows } from "./stages";
import "@/features/chat/answer/answer.css";
import "./trace.css";

type Passage = TraceData["passages"][number];

/** The course of a turn: what was understood, found, dropped and checked, and where the time went. */
export function Trace({ turnId }: { turnId: string }) {
  const trace = useTrace(turnId);
  if (trace.isPending) return <Spinner />;
  if (trace.error)
    return (
      <EmptyState icon="alert" title="This could not be shown">
        {inWords(trace.error)}
      </EmptyState>
    );
  return <Course trace={trace.data} />;
}

function Course({ trace }: { trace: TraceData }) {
  const asked = understoodRows(trace.understood);
  return (
    <div className="trace">
      <p className="trace-question" dir="auto">
        {trace.question}
      </p>
      {trace.cached_from && <p className="hint">This answer was given before, and nothing has changed since.</p>}
      <Part title="Time" aside={trace.took_ms == null ? undefined : `${duration(trace.took_ms)} in all`}>
        <Waterfall trace={trace} />
      </Part>
      <Part title="Understood">
        {asked.length ? (
          <dl className="facts">
            {asked.map(([label, words]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd dir="auto">{words}</dd>
              </div>
            ))}
          </dl>
        ) : (
          <p className="hint">Nothing was noted.</p>
        )}
      </Part>
      <Found trace={trace} />
      <Checked trace={trace} />
    </div>
  );
}

function Part({ title, aside, children }: { title: string; aside?: string; children: React.ReactNode }) {
  return (
    <section className="trace-part">
      <h3>
        {title}
        {aside && <small className="num">{aside}</small>}
      </h3>
      {children}
    </section>
  );
}

/** Bars over one scale of time. Each row says its numbers in words, so the drawing itself is left out of reading. */
function Waterfall({ trace }: { trace: TraceData }) {
  const { bars, total } = barsOf(trace);
  if (!bars.length) return <p className="hint">It took no stage worth noting.</p>;
  const share = (ms: number) => `${total > 0 ? (100 * ms) / total : 0}%`;
  const model = bars.some((bar) => bar.by === "model");
  return (
    <>
      <ol className="falls">
        {bars.map((bar) => (
          <li key={bar.name}>
            <span>{bar.label}</span>
            <span className="fall-track" aria-hidden="true">
              <i data-by={bar.by} style={{ insetInlineStart: share(bar.start), inlineSize: share(bar.ms) }} />
            </span>
            <span className="num">
              {duration(bar.ms)}
              <span className="sr"> from {duration(bar.start)} on</span>
            </span>
          </li>
        ))}
      </ol>
      <p className="legend">
        <span>
          <i data-by="parley" /> Parley
        </span>
        {model && (
          <span>
            <i data-by="model" /> {trace.model}
          </span>
        )}
        {trace.usage && (
          <span className="num">
            {trace.usage.input_tokens.toLocaleString()} tokens in, {trace.usage.output_tokens.toLocaleString()} out
            {trace.usage.estimated ? " (estimated)" : ""}
            {trace.usage.cost_usd == null ? "" : `, $${trace.usage.cost_usd.toFixed(4)}`}
          </span>
        )}
      </p>
    </>
  );
}

const fates: Record<Passage["fate"], { icon: IconName; words: string; pill: string }> = {
  cited: { icon: "quote", words: "cited", pill: "pill pill-ok" },
  nearest: { icon: "search", words: "shown as nearest", pill: "pill" },
  read: { icon: "eye", words: "read, not cited", pill: "pill" },
  no_room: { icon: "close", words: "dropped, no room in the prompt", pill: "pill pill-warn" },
  learn_only: { icon: "eyeoff", words: "learn only", pill: "pill pill-ink" },
};

function Found({ trace }: { trace: TraceData }) {
  const [shown, setShown] = useState<"all" | "cited" | "dropped">("all");
  const cited = trace.passages.filter((passage) => passage.fate === "cited");
  const dropped = trace.passages.filter((passage) => passage.fate !== "cited");
  const list = { all: trace.passages, cited, dropped }[shown];
  return (
    <Part title="Found" aside={`${trace.passages.length} passages, ${cited.length} cited`}>
      {trace.passages.length > 0 ? (
        <Segmented
          label="Which passages"
          value={shown}
          onChange={setShown}
          options={[
            { value: "all", label: `All ${trace.passages.length}` },
            { value: "cited", label: `Cited ${cited.length}` },
            { value: "dropped", label: `Not cited ${dropped.length}` },
          ]}
        />
      ) : (
        <p className="hint">Nothing was looked up, or nothing was found.</p>
      )}
      <ol className="trace-passages">
        {list.map((passage) => (
          <PassageLine key={passage.rank} passage={passage} />
        ))}
      </ol>
    </Part>
  );
}

function PassageLine({ passage }: { passage: Passage }) {
  const fate = fates[passage.fate];
  const { lexical, dense, rerank } = passage.scores;
  const scores = [
    ["words", lexical],
    ["meaning", dense],
    ["second look", rerank],
  ] as const;
  return (
    <li>
      <span className="num trace-rank">{passage.rank}</span>
      <div>
        <p className="trace-title">
          <b>{titleOf(passage)}</b>
          <span className={fate.pill}>
            <Icon name={fate.icon} />
            {fate.words}
            {passage.sentences.length > 0 && ` by sentence ${passage.sentences.map((index) => index + 1).join(", ")}`}
          </span>
        </p>
        {passage.excerpt && (
          <p className="trace-excerpt" dir="auto">
            {passage.excerpt.replaceAll(/\s+/gu, " ")}
          </p>
        )}
        <p className="hint num">
          {passage.source && `${passage.source} · `}
          {scores.flatMap(([name, value]) => (value == null ? [] : [`${name} ${value.toFixed(2)}`])).join(" · ")}
        </p>
      </div>
    </li>
  );
}

function titleOf({ document, page, fate }: Passage): string {
  if (document) return page ? `${document.title}, page ${page}` : document.title;
  return fate === "learn_only" ? "A learn-only passage" : "A passage that may not be shown any more";
}

const verdicts: Record<string, { icon: IconName; words: string }> = {
  supported: { icon: "check", words: "supported" },
  unsupported: { icon: "unsourced", words: "no source" },
  conflicting: { icon: "conflict", words: "sources disagree" },
  no_claim: { icon: "right", words: "claims nothing" },
};

function Checked({ trace }: { trace: TraceData }) {
  const rate = trace.support_rate;
  return (
    <Part title="Checked" aside={rate == null ? undefined : `${Math.round(100 * rate)} % supported`}>
      <Losses trace={trace} />
      <ol className="checks">
        {trace.sentences.map((sentence) => {
          const { icon, words } = verdicts[sentence.verdict] ?? { icon: "right", words: sentence.verdict };
          return (
            <li key={sentence.index} data-verdict={sentence.verdict}>
              <Icon name={icon} size="sm" />
              <span className="check-text" dir="auto">
                {sentence.text}
              </span>
              <span className="check-places">
                <small>
                  {words}
                  {sentence.citations.length > 0 && `, cites ${sentence.citations.join(", ")}`}
                  {sentence.at_ms != null && `, after ${duration(sentence.at_ms)}`}
                </small>
              </span>
            </li>
          );
        })}
      </ol>
    </Part>
  );
}

const withdrawalWords: Record<TraceData["withdrawals"][number]["reason"], string> = {
  not_supported: "no document supports it",
  provider_failed: "the model broke off and began again",
  leak: "it gave learn-only text away",
};

function Losses({ trace }: { trace: TraceData }) {
  const lines = [
    trace.withheld > 0 &&
      `${trace.withheld} ${trace.withheld === 1 ? "sentence was" : "sentences were"} withheld before being shown: no citable source supports ${trace.withheld === 1 ? "it" : "them"}.`,
    ...trace.withdrawals.map(
      (one) => `${one.characters} characters were taken back after ${duration(one.at_ms)}: ${withdrawalWords[one.reason]}.`,
    ),
    ...trace.held_back.map((one) => `A leak of learn-only text was held back (${one.kind.replaceAll("_", " ")}).`),
    trace.abstained && "The question was declined: nothing that was found answers it.",
  ].filter((line) => typeof line === "string");
  if (!lines.length) return null;
  return (
    <ul className="losses">
      {lines.map((line) => (
        <li key={line}>
          <Icon name="shield" size="sm" />
          {line}
        </li>
      ))}
    </ul>
  );
}

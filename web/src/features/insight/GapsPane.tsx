import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { useAskGap, useChangeGap, useGap, useGaps, type Gap, type GapStatus } from "@/api/queries/trust";
import { dayWords, fullDate, shortWhen } from "@/app/dates";
import { LazyTraceDialog } from "@/features/trace/LazyTraceDialog";
import { Button, EmptyState, Icon, IconButton, Menu, Segmented, Spinner, toast } from "@/ui";
import { AddKnowledgeDialog } from "./AddKnowledgeDialog";

const words: Record<GapStatus, string> = { open: "Open", resolved: "Resolved", ignored: "Dismissed" };
const none: Record<GapStatus, { title: string; text: string }> = {
  open: {
    title: "No open gaps",
    text: "Questions that this bot declines are gathered here, so that you can add what is missing.",
  },
  resolved: { title: "Nothing resolved yet", text: "A gap closes when its question is asked again and answered." },
  ignored: { title: "Nothing dismissed", text: "Dismiss what this bot need not know. It stays here." },
};

/** The questions that a bot declined, those of one kind together; each leads to adding what is missing. */
export function GapsPane({ botId }: { botId: string }) {
  const gaps = useGaps(botId);
  const [status, setStatus] = useState<GapStatus>("open");
  if (gaps.isPending) return <Spinner />;
  if (gaps.error)
    return (
      <EmptyState icon="alert" title="The gaps could not be loaded">
        {inWords(gaps.error)}
      </EmptyState>
    );
  const of = (wanted: GapStatus) => gaps.data.filter((gap) => gap.status === wanted);
  const shown = of(status);
  return (
    <section className="ins-col" aria-label="Gaps">
      <div className="ins-lead">
        <div>
          <h2 className="h2">Asked, but not in your documents</h2>
          <p className="hint">The most frequent come first. Add what is missing, then ask again.</p>
        </div>
        <Segmented
          label="Which gaps"
          value={status}
          onChange={setStatus}
          options={(["open", "resolved", "ignored"] as const).map((value) => ({
            value,
            label: `${words[value]} ${of(value).length}`,
          }))}
        />
      </div>
      {shown.length ? (
        <ul className="gaps">
          {shown.map((gap) => (
            <GapCard key={gap.id} gap={gap} botId={botId} />
          ))}
        </ul>
      ) : (
        <EmptyState icon={status === "open" ? "checks" : "list"} title={none[status].title}>
          {none[status].text}
        </EmptyState>
      )}
    </section>
  );
}

function GapCard({ gap, botId }: { gap: Gap; botId: string }) {
  const [open, setOpen] = useState(false);
  const [adding, setAdding] = useState(false);
  const change = useChangeGap(botId);
  const ask = useAskGap(botId);
  const report = { onError: (error: Error) => toast(inWords(error), "bad") };
  const become = (status: GapStatus) => change.mutate({ id: gap.id, status }, report);
  const askAgain = () => ask.mutate(gap.id, report);
  const asking = ask.isPending || gap.again?.outcome === "running";
  return (
    <li className="gap card">
      <div className="gap-main">
        <h3 dir="auto">{gap.question}</h3>
        <p className="hint num">
          {gap.count === 1 ? "Asked once" : `Asked ${gap.count} times`}, last{" "}
          <time dateTime={gap.last_asked_at} title={fullDate(gap.last_asked_at)}>
            {dayWords(gap.last_asked_at)}
          </time>
          {dayWords(gap.first_asked_at) !== dayWords(gap.last_asked_at) && `, first ${dayWords(gap.first_asked_at)}`}
        </p>
        <Again gap={gap} />
      </div>
      <div className="gap-acts">
        {gap.status === "open" ? (
          <>
            <Button variant="primary" size="sm" icon="plus" onClick={() => setAdding(true)}>
              Add what is missing
            </Button>
            <Button size="sm" icon="retry" busy={asking} onClick={askAgain}>
              Ask again
            </Button>
            <Menu
              trigger={<IconButton icon="more" size="sm" label={`More about: ${gap.question}`} />}
              items={[
                { label: "Mark as resolved", icon: "check", onSelect: () => become("resolved") },
                { label: "Dismiss", icon: "close", onSelect: () => become("ignored") },
              ]}
            />
          </>
        ) : (
          <Button size="sm" icon="retry" busy={change.isPending} onClick={() => become("open")}>
            Open again
          </Button>
        )}
        <IconButton
          icon={open ? "up" : "down"}
          size="sm"
          label={open ? "Hide the questions" : `Show ${gap.count === 1 ? "the question" : `all ${gap.count} questions`}`}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
      </div>
      {open && <Questions gap={gap} botId={botId} />}
      <AddKnowledgeDialog
        open={adding}
        botId={botId}
        question={gap.question}
        onClose={() => setAdding(false)}
        onReady={askAgain}
      />
    </li>
  );
}

const outcomes: Record<NonNullable<Gap["again"]>["outcome"], { pill: string; words: string }> = {
  running: { pill: "pill", words: "Being asked again" },
  answered: { pill: "pill pill-ok", words: "Answered now" },
  declined: { pill: "pill pill-warn", words: "Asked again, still not found" },
  failed: { pill: "pill pill-bad", words: "Asking again failed" },
};

function Again({ gap }: { gap: Gap }) {
  const [tracing, setTracing] = useState(false);
  if (!gap.again) return null;
  const { pill, words: said } = outcomes[gap.again.outcome];
  const over = gap.again.outcome !== "running";
  return (
    <div className="gap-again" role="status">
      <span className={pill}>
        {!over && <Spinner />}
        {said}
      </span>
      {over && (
        <button type="button" className="link" onClick={() => setTracing(true)}>
          See how
        </button>
      )}
      {over && <LazyTraceDialog turnId={gap.again.turn_id} open={tracing} onClose={() => setTracing(false)} />}
    </div>
  );
}

function Questions({ gap, botId }: { gap: Gap; botId: string }) {
  const details = useGap(gap.id, gap.last_asked_at);
  if (details.isPending) return <Spinner />;
  if (details.error) return <p className="hint">{inWords(details.error)}</p>;
  return (
    <ol className="gap-questions">
      {details.data.questions.map((one) => (
        <li key={one.turn_id}>
          <span dir="auto">{one.text}</span>
          <Link
            className="num"
            to="/chats/$botId"
            params={{ botId }}
            search={{ conversation: one.conversation_id }}
            title={fullDate(one.asked_at)}
          >
            <Icon name="chat" size="sm" />
            {shortWhen(one.asked_at)}
          </Link>
        </li>
      ))}
    </ol>
  );
}

import { memo, useMemo, useState, type ReactNode } from "react";
import { inWords } from "@/api/errors";
import { useMe } from "@/api/queries/bots";
import type { Citation } from "@/api/types";
import { clockTime, fullDate } from "@/app/dates";
import { LazyTraceDialog } from "@/features/trace/LazyTraceDialog";
import { Button, Icon, IconButton, toast } from "@/ui";
import { copyText } from "../clipboard";
import type { AnswerRow, AnswerVersion, AnswerView } from "../thread";
import { VersionSwitch } from "../VersionSwitch";
import { CheckList } from "./CheckList";
import { Conflicts } from "./Conflicts";
import { answerWithCitations } from "./copyAnswer";
import { Feedback } from "./Feedback";
import { LookPanel } from "./LookPanel";
import { NotFound } from "./NotFound";
import { Prose } from "./Prose";
import { RecalledLine } from "./RecalledLine";
import { Quotes } from "./Quotes";
import { referencesOf, type Reference } from "./references";
import { supportOf } from "./support";
import { SupportStrip } from "./SupportStrip";
import { useLook } from "./useLook";
import { Withdrawn } from "./Withdrawn";

export type AnswerActions = {
  /** Opens the passage behind key number `index` of the answer. */
  open: (answerKey: string, index: number) => void;
  /** Opens a passage that the answer itself does not cite. */
  show: (passage: Passage) => void;
  regenerate: (turnId: string) => void;
};

/** A passage, and the sentence that it speaks of. */
export type Passage = { citation: Citation; sentence: { text: string; verdict: "supported" | "conflicting" } };

type AnswerBubbleProps = {
  row: AnswerRow;
  /** The key that is open in the document panel, if it belongs to this answer. */
  openKey: { answerKey: string; index: number } | null;
  actions: AnswerActions;
};

export const AnswerBubble = memo(function AnswerBubble({ row, openKey, actions }: AnswerBubbleProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const last = row.versions.length - 1;
  const at = chosen === null ? last : Math.min(chosen, last);
  const version = row.versions[at];
  if (!version) return null;
  const versions = { at, count: row.versions.length, choose: (next: number) => setChosen(next === last ? null : next) };
  return <Version version={version} versions={versions} openKey={openKey} actions={actions} />;
}, sameAnswer);

/** Rows are made anew whenever anything in the conversation changes; what they hold mostly is not. */
function sameAnswer(before: AnswerBubbleProps, after: AnswerBubbleProps): boolean {
  return (
    before.actions === after.actions &&
    before.openKey === after.openKey &&
    before.row.versions.length === after.row.versions.length &&
    before.row.versions.every((version, at) => version === after.row.versions[at])
  );
}

type Versions = { at: number; count: number; choose: (at: number) => void };
type VersionProps = Omit<AnswerBubbleProps, "row"> & { version: AnswerVersion; versions: Versions };

function Version({ version, versions, openKey, actions }: VersionProps) {
  const { answer } = version;
  const answerKey = version.turnId ?? version.id;
  const references = useMemo(() => referencesOf(answer), [answer]);
  const pressed = openKey?.answerKey === answerKey ? openKey.index : null;
  const open = (index: number) => actions.open(answerKey, index);
  const again = () => version.turnId && actions.regenerate(version.turnId);
  const running = answer.status === "running" || answer.status === "queued";
  const waiting = running && answer.text === "";
  const [fresh] = useState(waiting);
  const look = useLook(version.turnId);

  if (answer.status === "failed" && !answer.text) return <Failed answer={answer} onRetry={again} />;
  return (
    <div className={fresh ? "msg msg-new" : "msg"} data-answer={answerKey}>
      {waiting ? (
        <Typing answer={answer} />
      ) : (
        <Bubble
          answer={answer}
          at={version.at}
          references={references}
          pressed={pressed}
          onOpen={open}
          look={look.found && <LookPanel look={look.found} onShow={actions.show} onClose={look.close} />}
        />
      )}
      {answer.status === "failed" && <FailLine answer={answer} onRetry={again} />}
      {!running && <Acts answer={answer} turnId={version.turnId} versions={versions} onAgain={again} look={look} />}
    </div>
  );
}

function Typing({ answer }: { answer: AnswerView }) {
  return (
    <>
      {answer.passages > 0 && (
        <p className="step">
          <Icon name="search" size="sm" />
          <span className="num">
            Found {answer.passages} {answer.passages === 1 ? "passage" : "passages"}
          </span>
        </p>
      )}
      <div className="bubble bubble-typing">
        <span className="dots" role="img" aria-label="The bot is writing">
          <i />
          <i />
          <i />
        </span>
      </div>
    </>
  );
}

type BubbleProps = {
  answer: AnswerView;
  at: string;
  references: readonly Reference[];
  pressed: number | null;
  onOpen: (index: number) => void;
  look: ReactNode;
};

function Bubble({ answer, at, references, pressed, onOpen, look }: BubbleProps) {
  const [checksOpen, setChecksOpen] = useState(false);
  const support = answer.abstained ? null : supportOf(answer);
  const Body = answer.abstained ? NotFound : isQuoted(answer) ? Quotes : Prose;
  return (
    <div className={answer.abstained ? "bubble bubble-none" : "bubble"} aria-busy={answer.status === "running"}>
      <Withdrawn pieces={answer.withdrawn} />
      <Body answer={answer} references={references} pressed={pressed} onOpen={onOpen} />
      {!answer.abstained && <Conflicts answer={answer} references={references} onOpen={onOpen} />}
      {answer.withheld > 0 && <Withheld count={answer.withheld} />}
      <RecalledLine recalled={answer.recalled ?? []} />
      <div className="foot">
        {support && <SupportStrip support={support} open={checksOpen} onToggle={() => setChecksOpen(!checksOpen)} />}
        {answer.status === "stopped" && <span className="support">Stopped</span>}
        {isQuoted(answer) && !answer.abstained && <span className="support">Quoted, no model used</span>}
        {answer.cached && <span className="support">Answered before, nothing has changed since</span>}
        <time className="stamp num" dateTime={at} title={fullDate(at)}>
          {clockTime(at)}
        </time>
      </div>
      {checksOpen && support && <CheckList answer={answer} references={references} onOpen={onOpen} />}
      {look}
    </div>
  );
}

function Withheld({ count }: { count: number }) {
  return (
    <p className="withheld">
      <Icon name="shield" size="sm" />
      {count === 1
        ? "One sentence was withheld: no document supports it."
        : `${count} sentences were withheld: no document supports them.`}
    </p>
  );
}

/** Quotes are drawn as passages once it is known which sentence rests on which. */
const isQuoted = (answer: AnswerView) => answer.model === "quoted" && answer.citations.length > 0;

type ActsProps = {
  answer: AnswerView;
  turnId: string | null;
  versions: Versions;
  onAgain: () => void;
  look: ReturnType<typeof useLook>;
};

function Acts({ answer, turnId, versions, onAgain, look }: ActsProps) {
  const [tracing, setTracing] = useState(false);
  const owner = useMe().data?.role === "owner";
  const verifiable = turnId && !answer.abstained && answer.sentences.some(({ verdict }) => verdict !== "no_claim");
  const verify = () => void look.verify().catch((error: unknown) => toast(inWords(error), "bad"));
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    setCopied(await copyText(answerWithCitations(answer)));
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <div className="acts">
      {verifiable && (
        <Button
          variant="quiet"
          size="sm"
          icon="shield"
          busy={look.looking}
          data-act="verify"
          aria-label={look.looking ? "Looking again" : "Verify with sources"}
          onClick={verify}
        >
          <span>
            {look.looking ? "Looking again" : "Verify"}
            {!look.looking && <span className="hide-phone"> with sources</span>}
          </span>
        </Button>
      )}
      {answer.text && (
        <IconButton
          icon={copied ? "check" : "copy"}
          label={copied ? "Copied" : "Copy answer with citations"}
          size="sm"
          onClick={copy}
        />
      )}
      <IconButton icon="retry" label="Ask again" size="sm" onClick={onAgain} />
      {turnId && answer.text && <Feedback turnId={turnId} rating={answer.rating ?? null} />}
      {turnId && owner && (
        <>
          <IconButton icon="list" label="How this answer came about" size="sm" onClick={() => setTracing(true)} />
          <LazyTraceDialog turnId={turnId} open={tracing} onClose={() => setTracing(false)} />
        </>
      )}
      {versions.count > 1 && <VersionSwitch {...versions} />}
    </div>
  );
}

function Failed({ answer, onRetry }: { answer: AnswerView; onRetry: () => void }) {
  return (
    <div className="msg">
      <div className="bubble bubble-failed">
        <FailLine answer={answer} onRetry={onRetry} />
      </div>
    </div>
  );
}

function FailLine({ answer, onRetry }: { answer: AnswerView; onRetry: () => void }) {
  return (
    <p className="fail-line" role="alert">
      <Icon name="alert" size="sm" />
      <span>
        {answer.error?.message ?? "The answer could not be finished."}{" "}
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </span>
    </p>
  );
}

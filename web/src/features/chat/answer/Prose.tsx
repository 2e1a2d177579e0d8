import { useMemo, type ReactNode } from "react";
import { CodePointIndex } from "@/api/codePoints";
import { Icon } from "@/ui";
import { Markdown } from "../markdown/Markdown";
import type { AnswerView, SentenceView } from "../thread";
import { CitationKey } from "./CitationKey";
import type { Reference } from "./references";

type ProseProps = {
  answer: AnswerView;
  references: readonly Reference[];
  /** The key whose passage is open; null when none of this answer's is. */
  pressed: number | null;
  onOpen: (index: number) => void;
};

type Stretch = { start: number; end: number; sentence: number | null; checking: boolean };

/** An answer written by a model: Markdown whose sentences carry keys and what their check found. */
export function Prose({ answer, references, pressed, onOpen }: ProseProps) {
  const running = answer.status === "running";
  const stretches = useMemo(() => stretchesOf(answer), [answer]);
  const openSentence = pressed === null ? null : (references[pressed]?.sentence ?? null);

  const renderMarked = (index: number, children: ReactNode) => {
    const stretch = stretches[index];
    if (!stretch) return children;
    if (stretch.checking) return <span className="checking">{children}</span>;
    const verdict = stretch.sentence === null ? null : answer.sentences[stretch.sentence]?.verdict;
    const classes = ["s", verdict === "unsupported" && "s-un", stretch.sentence === openSentence && "on"];
    return <span className={classes.filter(Boolean).join(" ")}>{children}</span>;
  };

  const renderEnd = (index: number) => {
    const stretch = stretches[index];
    if (stretch?.sentence == null) return null;
    return references.map((reference, at) =>
      reference.sentence === stretch.sentence ? (
        <CitationKey key={at} reference={reference} pressed={at === pressed} onOpen={() => onOpen(at)} />
      ) : null,
    );
  };

  const renderAfter = (index: number) => {
    const stretch = stretches[index];
    const sentence = stretch?.sentence == null ? undefined : answer.sentences[stretch.sentence];
    return sentence ? <VerdictFlag sentence={sentence} /> : null;
  };

  return (
    <div className="md">
      <Markdown
        text={answer.text}
        marks={stretches}
        renderMarked={renderMarked}
        renderEnd={renderEnd}
        renderAfter={renderAfter}
        tail={running ? <span className="caret" aria-hidden="true" /> : undefined}
      />
    </div>
  );
}

function VerdictFlag({ sentence }: { sentence: SentenceView }) {
  if (sentence.verdict === "unsupported") return <Flag icon="unsourced" words="no source" />;
  if (sentence.verdict === "conflicting") return <Flag icon="conflict" words="sources disagree" />;
  return null;
}

function Flag({ icon, words }: { icon: "unsourced" | "conflict"; words: string }) {
  return (
    <span className="flagchip" data-kind={icon}>
      <Icon name={icon} />
      {words}
    </span>
  );
}

/** The sentences as stretches of the text in UTF-16 units, and what is not checked yet as one more. */
function stretchesOf(answer: AnswerView): Stretch[] {
  const offsets = new CodePointIndex(answer.text);
  const stretches: Stretch[] = answer.sentences.map((sentence, index) => ({
    start: offsets.toUtf16(sentence.start),
    end: offsets.toUtf16(sentence.end),
    sentence: index,
    checking: false,
  }));
  const checked = stretches.at(-1)?.end ?? 0;
  if (answer.status !== "completed" && checked < answer.text.length) {
    stretches.push({ start: checked, end: answer.text.length, sentence: null, checking: true });
  }
  return stretches;
}

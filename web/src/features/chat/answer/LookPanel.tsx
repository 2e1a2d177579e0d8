import { clockTime, dayWords } from "@/app/dates";
import type { Look, LookSentence, LookSpan } from "@/api/queries/trust";
import { Icon, IconButton, type IconName } from "@/ui";
import { plainText } from "../markdown/parse";
import type { AnswerActions } from "./AnswerBubble";
import { placeOf } from "./references";

type LookPanelProps = { look: Look; onShow: AnswerActions["show"]; onClose: () => void };

const outcomes: Record<LookSentence["outcome"], { icon: IconName; words: string }> = {
  agrees: { icon: "checks", words: "another source agrees" },
  conflicts: { icon: "conflict", words: "another source disagrees" },
  nothing_else: { icon: "search", words: "no further source speaks of it" },
};

/** What a second, independent look at an answer has found, sentence by sentence; conflicts come first. */
export function LookPanel({ look, onShow, onClose }: LookPanelProps) {
  const order = { conflicts: 0, agrees: 1, nothing_else: 2 };
  const sentences = look.sentences.toSorted((a, b) => order[a.outcome] - order[b.outcome] || a.index - b.index);
  return (
    <section className="look" aria-label="Second look">
      <header>
        <Icon name="shield" size="sm" />
        <h3 role="status">{summary(look)}</h3>
        <IconButton icon="close" size="sm" label="Close the second look" onClick={onClose} />
      </header>
      <p className="hint">
        Each sentence was looked for again in everything this bot may cite, except the passages that it cites already
        {look.looked_at ? `, at ${clockTime(look.looked_at)}` : ""}.
      </p>
      <ol className="checks">
        {sentences.map((sentence) => (
          <LookLine key={sentence.index} sentence={sentence} onShow={onShow} />
        ))}
      </ol>
    </section>
  );
}

function LookLine({ sentence, onShow }: { sentence: LookSentence; onShow: AnswerActions["show"] }) {
  const { icon, words } = outcomes[sentence.outcome];
  const text = plainText(sentence.text);
  const dated = newest(sentence.cited_dated);
  return (
    <li data-outcome={sentence.outcome}>
      <Icon name={icon} size="sm" />
      <span className="check-text" dir="auto">
        {text}
      </span>
      <span className="check-places">
        <small>
          {words}
          {sentence.verdict === "unsupported" && sentence.outcome === "agrees" && ", though the answer named none"}
        </small>
        {sentence.outcome === "conflicts" && dated && <small className="num">What it cites was read {dayWords(dated)}</small>}
      </span>
      {sentence.spans.length > 0 && (
        <span className="sides">
          {sentence.spans.map((span, at) => (
            <Found key={at} span={span} cited={dated} onShow={() => onShow(passageOf(span, text))} />
          ))}
        </span>
      )}
    </li>
  );
}

function Found({ span, cited, onShow }: { span: LookSpan; cited: string | null; onShow: () => void }) {
  const newer = cited !== null && span.dated.slice(0, 10) > cited.slice(0, 10);
  return (
    <button type="button" className="side" data-relation={span.relation} onClick={onShow}>
      <b className="side-relation">
        <Icon name={span.relation === "conflicts" ? "conflict" : "check"} />
        {span.relation === "conflicts" ? "Disagrees" : "Agrees"}
      </b>
      <q dir="auto">{span.quote.replaceAll(/\s+/gu, " ").trim()}</q>
      <span className="src">
        <Icon name="doc" />
        <span className="clip">{placeOf(span)}</span>
      </span>
      <small className="num">
        Read {dayWords(span.dated)}
        {newer && <b className="pill pill-ink">newer</b>}
      </small>
    </button>
  );
}

const passageOf = (span: LookSpan, text: string) => ({
  citation: { n: 0, document: span.document, page: span.page, start: span.start, end: span.end, quote: span.quote },
  sentence: { text, verdict: span.relation === "conflicts" ? ("conflicting" as const) : ("supported" as const) },
});

const newest = (dates: readonly string[]): string | null => dates.toSorted().at(-1) ?? null;

function summary({ sentences }: Look): string {
  const count = (outcome: LookSentence["outcome"]) => sentences.filter((one) => one.outcome === outcome).length;
  const [agree, disagree] = [count("agrees"), count("conflicts")];
  if (!sentences.length) return "There is nothing to look for: no sentence claims anything";
  if (!agree && !disagree) return "Nothing else in the sources speaks of this";
  const parts = [
    disagree && `${disagree} of ${sentences.length} contradicted`,
    agree && `${agree} of ${sentences.length} confirmed by another source`,
  ];
  return parts.filter(Boolean).join(", ");
}

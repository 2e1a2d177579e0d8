import type { AnswerView, SentenceView } from "../thread";

export type Segment = "supported" | "unsupported" | "conflicting" | "waiting" | "unchecked";
export type Support = { segments: Segment[]; words: string };

/** The strip under an answer: one segment per sentence that claims something, and the same in words. */
export function supportOf(answer: AnswerView): Support | null {
  const running = answer.status === "running" || answer.status === "queued";
  const claims = answer.sentences.filter((sentence) => sentence.verdict !== "no_claim");
  const segments = claims.map((sentence): Segment => segmentOf(sentence, running));
  if (hasUnchecked(answer)) segments.push(running ? "waiting" : "unchecked");
  return segments.length ? { segments, words: words(segments, running) } : null;
}

function segmentOf(sentence: SentenceView, running: boolean): Segment {
  if (sentence.verdict === "supported" || sentence.verdict === "conflicting") return sentence.verdict;
  return sentence.verdict === null && running ? "waiting" : "unsupported";
}

/** Whether there is text that no check has looked at: it is still to come, or the answer broke off before it. */
export function hasUnchecked(answer: AnswerView): boolean {
  if (answer.status === "completed") return false;
  const checked = answer.sentences.at(-1)?.end ?? 0;
  return [...answer.text].slice(checked).some((letter) => letter.trim() !== "");
}

const ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

function words(segments: readonly Segment[], running: boolean): string {
  const count = (kind: Segment) => segments.filter((segment) => segment === kind).length;
  const supported = count("supported");
  const conflicts = count("conflicting");
  const unchecked = count("unchecked");
  if (running && count("waiting")) {
    const which = ordinals[segments.length - 1];
    const checking = which ? `checking the ${which}` : "checking the next";
    return supported ? `${supported} supported, ${checking}` : `Checking the ${which ?? "next"} sentence`;
  }
  const checked = segments.length - unchecked;
  const whole = `${supported} of ${checked} ${checked === 1 ? "sentence" : "sentences"} supported`;
  if (unchecked) return checked ? `${whole}, the rest not checked` : "Not checked";
  if (conflicts) return `${whole}, ${conflicts} ${conflicts === 1 ? "disagrees" : "disagree"}`;
  return whole;
}

import type { Trace } from "@/api/queries/trust";

export type Bar = { name: string; label: string; start: number; ms: number; by: "parley" | "model" };

const labels: Record<string, string> = {
  understand: "Understand the question",
  read_attachments: "Wait for the file",
  retrieve: "Find passages",
  compose: "Put the prompt together",
  generate: "Write and check",
  check: "Check",
  recall: "Look for an earlier answer",
  remember: "Recall the conversation",
};
const quoted: Record<string, string> = { compose: "Choose and check quotes" };

/** "read_attachments" as words, also for stages of later versions. */
export const stageWords = (name: string, model: string | null): string =>
  (model === "quoted" ? quoted[name] : undefined) ?? labels[name] ?? spoken(name);

/** Any field's or value's name as words: "follow_up_of" becomes "Follow up of". */
export function spoken(name: string): string {
  const words = name.replaceAll(/[_.]+/gu, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The stages of a turn as bars of a waterfall, milliseconds since it began. Where it is not stored when a stage began
 * (answers of earlier versions), one follows the other. What a model writes is parted at its first word.
 */
export function barsOf(trace: Trace): { bars: Bar[]; total: number } {
  let end = 0;
  const bars: Bar[] = [];
  for (const { name, ms, start_ms } of trace.stages.filter((stage) => stage.name !== "total")) {
    const start = start_ms ?? end;
    end = start + ms;
    const label = stageWords(name, trace.model);
    const first = trace.first_word_ms;
    if (name === "generate" && first != null && first > start && first < end) {
      bars.push({ name: "first_word", label: "Wait for the first word", start, ms: first - start, by: "model" });
      bars.push({ name, label, start: first, ms: end - first, by: "model" });
    } else bars.push({ name, label, start, ms, by: name === "generate" ? "model" : "parley" });
  }
  const total = Math.max(trace.took_ms ?? 0, ...bars.map((bar) => bar.start + bar.ms), 0);
  return { bars, total };
}

/** 0.4 ms, 12 ms, 1.3 s. */
export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}

/** What the question was taken for, as label and words; unknown fields are shown as they come. */
export function understoodRows(understood: Trace["understood"]): [string, string][] {
  return Object.entries(understood).flatMap(([name, value]): [string, string][] => {
    const words = valueWords(value, name);
    return words ? [[known[name] ?? spoken(name), words]] : [];
  });
}

const known: Record<string, string> = {
  language: "Language",
  intent: "Taken for",
  query: "Looked for",
  sentiment: "Mood",
  tone: "Begins with",
  sub_questions: "Parts",
};

function valueWords(value: unknown, name: string): string {
  if (value === null || value === undefined || value === "" || value === "none") return "";
  if (typeof value === "string") return name === "language" ? languageName(value) : name === "query" ? value : plain(value);
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value)) return value.map((one) => valueWords(one, "query")).filter(Boolean).join("; ");
  return Object.entries(value as object)
    .map(([key, inner]) => [spoken(key), valueWords(inner, key)])
    .filter(([, inner]) => inner)
    .map(([key, inner]) => `${key}: ${inner}`)
    .join(", ");
}

/** Codes like "small_talk" are spoken; whole phrases stay. */
const plain = (value: string) => (/^[a-z][a-z0-9_]*$/u.test(value) ? spoken(value) : value);

function languageName(code: string): string {
  if (code === "und") return "Not told";
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

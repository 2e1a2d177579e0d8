import type { Change, Metric } from "@/api/queries/evaluation";

type Kind = "share" | "ms" | "usd";
export type MetricInfo = { name: Metric; label: string; means: string; kind: Kind; group: "Finding" | "Answering" | "Citing" | "Judged by a model" | "Cost" };

/** Every metric in words, in the order in which they are shown. */
export const METRICS: readonly MetricInfo[] = [
  { name: "recall_5", label: "Recall at 5", means: "wanted documents among the first five passages", kind: "share", group: "Finding" },
  { name: "recall_10", label: "Recall at 10", means: "wanted documents among the first ten passages", kind: "share", group: "Finding" },
  { name: "ndcg_10", label: "nDCG at 10", means: "how far up the wanted documents stand", kind: "share", group: "Finding" },
  { name: "context_precision", label: "Context precision", means: "passages that are of wanted documents", kind: "share", group: "Finding" },
  { name: "context_recall", label: "Context recall", means: "wanted documents among all passages", kind: "share", group: "Finding" },
  { name: "correctness", label: "Correctness", means: "answers that say what the golden answer says", kind: "share", group: "Answering" },
  { name: "faithfulness", label: "Faithfulness", means: "sentences that their sources support", kind: "share", group: "Answering" },
  { name: "relevancy", label: "Relevancy", means: "likeness of answer and question", kind: "share", group: "Answering" },
  { name: "abstention_f1", label: "Abstention F1", means: "declining what cannot be answered, and nothing else", kind: "share", group: "Answering" },
  { name: "citation_precision", label: "Citation precision", means: "citations that are of wanted documents", kind: "share", group: "Citing" },
  { name: "citation_recall", label: "Citation recall", means: "wanted documents that are cited", kind: "share", group: "Citing" },
  { name: "judged_correctness", label: "Judged correctness", means: "as the judge model sees it", kind: "share", group: "Judged by a model" },
  { name: "judged_faithfulness", label: "Judged faithfulness", means: "as the judge model sees it", kind: "share", group: "Judged by a model" },
  { name: "p50_ms", label: "Median time", means: "half of the answers are done by then", kind: "ms", group: "Cost" },
  { name: "p95_ms", label: "Slow answers", means: "95 of 100 are done by then", kind: "ms", group: "Cost" },
  { name: "cost_usd", label: "Cost", means: "of the whole run", kind: "usd", group: "Cost" },
];

export const infoOf = (name: string): MetricInfo | undefined => METRICS.find((metric) => metric.name === name);
export const labelOf = (name: string): string => infoOf(name)?.label ?? name.replaceAll("_", " ");
/** Time and cost are better when they are lower. */
export const lowerIsBetter = (name: string): boolean => (infoOf(name)?.kind ?? "share") !== "share";

export function figure(name: string, value: number | null | undefined): string {
  if (value == null) return "–";
  const kind = infoOf(name)?.kind ?? "share";
  if (kind === "ms") return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
  if (kind === "usd") return value === 0 ? "free" : `$${value.toFixed(value < 1 ? 4 : 2)}`;
  return `${(100 * value).toFixed(value === 1 || value === 0 ? 0 : 1)} %`;
}

export type Turn = "worse" | "better" | "same";

/** What became of a metric. It is the server's word: it knows what chance would do at this number of questions. */
export const turnOf = ({ regressed, improved }: Change): Turn => (regressed ? "worse" : improved ? "better" : "same");

const rank: Record<Turn, number> = { worse: 0, better: 1, same: 2 };

/** Changes with what got worse first; what neither run has measured is left out. */
export const ordered = (changes: readonly Change[]): Change[] =>
  changes
    .filter(({ before, after }) => before != null || after != null)
    .toSorted((a, b) => rank[turnOf(a)] - rank[turnOf(b)]);

export function difference({ metric, before, after }: Change): string {
  if (before == null || after == null) return "";
  const by = after - before;
  const sign = by > 0 ? "+" : by < 0 ? "−" : "±";
  const size = Math.abs(by);
  if (!lowerIsBetter(metric)) return `${sign}${(100 * size).toFixed(1)} points`;
  return `${sign}${figure(metric, size).replace("free", "0")}`;
}

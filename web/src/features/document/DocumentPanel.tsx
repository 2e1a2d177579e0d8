import type { Citation, Verdict } from "@/api/types";

export type DocumentPanelProps = {
  /** Every citation of the answer, in order; `index` says which one is open. */
  citations: Citation[];
  index: number;
  /** The sentence that cites it; null for a nearest passage of an abstention. */
  sentence: { text: string; verdict: Verdict | null } | null;
  onIndex: (index: number) => void;
  onClose: () => void;
};

export function DocumentPanel({ citations, index }: DocumentPanelProps) {
  return <aside aria-label="Source document">{citations[index]?.document.title}</aside>;
}

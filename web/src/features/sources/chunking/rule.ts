import type { Chunking, ChunkingOut } from "@/api/types";
import { countOf } from "../words";

export type Strategy = NonNullable<Chunking["strategy"]>;

export const MIN_TOKENS = 32;
export const MAX_TOKENS = 4096;

export const STRATEGIES: { value: Strategy; label: string; words: string }[] = [
  { value: "structure", label: "Along its structure", words: "Headings, paragraphs, tables and definitions stay together." },
  { value: "fixed", label: "In equal windows", words: "Passages of one size that overlap, whatever the text." },
  { value: "page", label: "By pages", words: "A page, slide, sheet or message stays whole where it fits." },
  { value: "row", label: "By table rows", words: "Each row of a table is found by itself, with its header." },
  { value: "code", label: "By definitions", words: "Each function or class is found by itself." },
];

/** A rule as it is typed: empty fields take what is usual for the strategy. */
export type TypedRule = { strategy: Strategy; size: string; overlap: string };

export const typedRule = ({ strategy, size, overlap }: ChunkingOut): TypedRule => ({
  strategy: strategy ?? "structure",
  size: size?.toString() ?? "",
  overlap: overlap?.toString() ?? "",
});

export type RuleProblems = { size?: string; overlap?: string };

export function ruleProblems({ size, overlap }: TypedRule): RuleProblems {
  const problems: RuleProblems = {};
  if (size && !within(size, MIN_TOKENS, MAX_TOKENS)) problems.size = `From ${MIN_TOKENS} to ${MAX_TOKENS} tokens.`;
  const most = size && !problems.size ? Math.floor(Number(size) / 2) : MAX_TOKENS / 2;
  if (overlap && !within(overlap, 0, most)) problems.overlap = `From 0 to ${most} tokens, half of a passage.`;
  return problems;
}

const within = (text: string, low: number, high: number): boolean =>
  /^\d+$/u.test(text) && Number(text) >= low && Number(text) <= high;

/** The rule, or null where what is typed is none. */
export function ruleOf(typed: TypedRule): Chunking | null {
  if (Object.keys(ruleProblems(typed)).length > 0) return null;
  const number = (text: string) => (text ? Number(text) : null);
  return { strategy: typed.strategy, size: number(typed.size), overlap: number(typed.overlap) };
}

/** "Along its structure, at most 300 tokens". */
export function ruleWords({ strategy, size, overlap }: Chunking): string {
  const label = STRATEGIES.find(({ value }) => value === (strategy ?? "structure"))?.label ?? "";
  const parts = [label];
  if (size) parts.push(`at most ${countOf(size, "token")}`);
  if (overlap) parts.push(`${countOf(overlap, "token")} repeated`);
  return parts.join(", ");
}

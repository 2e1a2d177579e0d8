import type { Embedder, Estimate, Generation } from "@/api/types";

/** How long something takes, roughly, as people say it. */
export function durationWords(seconds: number | null): string {
  if (seconds === null) return "time not known";
  if (seconds < 5) return "a moment";
  if (seconds < 90) return `about ${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} minutes`;
  return `about ${Math.round(seconds / 3600)} hours`;
}

/** What something costs; a price that is not known is never shown as nothing. */
export function costWords(usd: number | null): string {
  if (usd === null) return "price not known";
  if (usd === 0) return "free";
  return usd < 0.01 ? "less than 1 cent" : `about $${usd.toFixed(2)}`;
}

export function estimateWords(estimate: Estimate): string {
  const left = estimate.chunks - estimate.cached;
  if (left === 0) return "All passages have their vectors already: the change takes a moment.";
  const passages = left === estimate.chunks ? `${left} passages` : `${left} of ${estimate.chunks} passages`;
  return `${passages}, about ${estimate.tokens.toLocaleString("en")} tokens: ${durationWords(estimate.seconds)}, ${costWords(estimate.cost_usd)}.`;
}

const KINDS: Record<string, string> = {
  static: "built in, needs no network",
  local: "on this machine",
  openai: "OpenAI",
  gemini: "Gemini",
  mistral: "Mistral",
  voyage: "Voyage",
  cohere: "Cohere",
  compatible: "OpenAI-compatible",
  "sentence-transformers": "sentence-transformers, on this machine",
};

export const kindWords = (kind: string): string => KINDS[kind] ?? kind;

/** What people call the embedder of a generation; its full name where it is no longer connected. */
export function nameOf(generation: Generation, embedders: readonly Embedder[]): string {
  const found = embedders.find((embedder) => embedder.id === generation.embedder);
  if (!found) return generation.name;
  return found.kind === "static" ? "Built-in vectors" : found.name;
}

export type Standing = {
  active: Generation | null;
  building: Generation | null;
  before: Generation | null;
  failed: Generation | null;
};

/** What matters of the list: what search goes by, what is being built, where one can go back to, what failed last. */
export function standingOf(generations: readonly Generation[]): Standing {
  const kept = generations.filter((generation) => generation.status === "ready");
  kept.sort((left, right) => (right.switched_at ?? "").localeCompare(left.switched_at ?? ""));
  const newest = generations[0];
  return {
    active: generations.find((generation) => generation.status === "active") ?? null,
    building: generations.find((generation) => generation.status === "building") ?? null,
    before: kept[0] ?? null,
    failed: newest?.status === "failed" ? newest : null,
  };
}

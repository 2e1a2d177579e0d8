import { describe, expect, it } from "vitest";
import type { Hit, Verdict } from "@/api/types";
import type { AnswerView } from "../thread";
import { answerWithCitations } from "./copyAnswer";
import { referencesOf } from "./references";
import { supportOf } from "./support";

const document = { id: "d", title: "Manual", path: "m.pdf", version: 1, version_id: "v" };
const citation = (n: number, page: number | null = null) => ({
  n,
  document,
  page,
  start: 0,
  end: 4,
  quote: "a  \n quote",
});

const nearest: Hit = {
  rank: 1,
  score: 0.5,
  scores: { lexical: 1, dense: null, rerank: null },
  chunk_id: 1,
  text: "",
  heading: [],
  document,
  source_id: "s",
  citable: true,
  page: 2,
  start: 0,
  end: 9,
  language: "en",
};

/** An answer of sentences of two characters each, so that sentence n covers 3n to 3n + 2. */
function answer(verdicts: (Verdict | null)[], change: Partial<AnswerView> = {}): AnswerView {
  return {
    status: "completed",
    text: verdicts.map(() => "S.").join(" "),
    sentences: verdicts.map((verdict, n) => ({
      start: 3 * n,
      end: 3 * n + 2,
      verdict,
      citations: verdict === "supported" ? [1] : [],
    })),
    citations: [citation(1, 6)],
    nearest: [],
    abstained: false,
    model: "m",
    reading: null,
    passages: 0,
    cached: false,
    withheld: 0,
    withdrawn: [],
    rating: null,
    error: null,
    ...change,
  };
}

describe("the support strip", () => {
  it("counts sentences that claim something", () => {
    const support = supportOf(answer(["supported", "no_claim", "unsupported", "supported"]));
    expect(support?.segments).toEqual(["supported", "unsupported", "supported"]);
    expect(support?.words).toBe("2 of 3 sentences supported");
  });

  it("names conflicts", () => {
    expect(supportOf(answer(["supported", "conflicting"]))?.words).toBe("1 of 2 sentences supported, 1 disagrees");
  });

  it("says what is being checked while it is written", () => {
    const writing = answer(["supported", "supported"], { status: "running", text: "S. S. Corrected to the" });
    expect(supportOf(writing)?.words).toBe("2 supported, checking the third");
    expect(supportOf(answer([], { status: "running", text: "So" }))?.words).toBe("Checking the first sentence");
  });

  it("does not claim to have checked what was cut off", () => {
    const stopped = answer(["supported"], { status: "stopped", text: "S. And then the" });
    expect(supportOf(stopped)?.words).toBe("1 of 1 sentence supported, the rest not checked");
    expect(supportOf(stopped)?.segments).toEqual(["supported", "unchecked"]);
  });

  it("is absent where nothing is claimed", () => {
    expect(supportOf(answer(["no_claim"]))).toBeNull();
  });
});

describe("the keys of an answer", () => {
  it("are one per sentence and passage, in reading order", () => {
    const two = answer(["supported", "supported"]);
    expect(referencesOf(two).map(({ sentence, citation: { n } }) => [sentence, n])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it("are the nearest passages where nothing was found, without the headings they begin with", () => {
    const hit = { ...nearest, heading: ["Manual", "6.4 Bolts"], text: "6.4 Bolts\n\nThreads are oiled.\nAlways." };
    const [reference] = referencesOf(answer([], { abstained: true, nearest: [hit] }));
    expect(reference).toMatchObject({ sentence: null, excerpt: "Threads are oiled. Always." });
    expect(reference?.citation).toMatchObject({ n: 1, page: 2, quote: hit.text });
  });

  it("leave out what may not be shown any more", () => {
    expect(referencesOf(answer(["supported"], { citations: [] }))).toEqual([]);
  });
});

describe("copying an answer", () => {
  it("puts the numbers behind the sentences and says below what they stand for", () => {
    expect(answerWithCitations(answer(["supported", "no_claim"]))).toBe("S. [1] S.\n\n[1] Manual, page 6: “a quote”");
  });
});

import { describe, expect, it } from "vitest";
import type { Trace } from "@/api/queries/trust";
import { barsOf, duration, stageWords, understoodRows } from "./stages";

const stage = (name: string, start_ms: number | null, ms: number) => ({ name, start_ms, ms });
const trace = (stages: Trace["stages"], more: Partial<Trace> = {}) =>
  ({ stages, model: "m", took_ms: 100, first_word_ms: null, ...more }) as Trace;

describe("the waterfall", () => {
  it("parts writing at its first word and leaves the total out", () => {
    const { bars, total } = barsOf(trace([stage("total", 0, 100), stage("generate", 20, 80)], { first_word_ms: 50 }));
    expect(bars.map(({ name, start, ms }) => [name, start, ms])).toEqual([
      ["first_word", 20, 30],
      ["generate", 50, 50],
    ]);
    expect(total).toBe(100);
  });

  it("puts one stage behind the other where their begin is not known", () => {
    const { bars } = barsOf(trace([stage("understand", null, 2), stage("retrieve", null, 8)]));
    expect(bars.map(({ start }) => start)).toEqual([0, 2]);
  });

  it("has words for stages it does not know", () => {
    expect(stageWords("read_minds", null)).toBe("Read minds");
    expect(stageWords("compose", "quoted")).toBe("Choose and check quotes");
    expect([duration(0.42), duration(12.4), duration(1340)]).toEqual(["0.4 ms", "12 ms", "1.3 s"]);
  });
});

describe("what was understood", () => {
  it("shows fields it does not know as they come, nested ones too", () => {
    const rows = understoodRows({
      language: "en",
      intent: "small_talk",
      query: "How is the weather?",
      emotion: { label: "joy", score: 0.912 },
      parts: ["one", "two"],
      nothing: null,
    });
    expect(rows).toEqual([
      ["Language", "English"],
      ["Taken for", "Small talk"],
      ["Looked for", "How is the weather?"],
      ["Emotion", "Label: Joy, Score: 0.91"],
      ["Parts", "one; two"],
    ]);
  });
});

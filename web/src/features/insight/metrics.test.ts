import { describe, expect, it } from "vitest";
import { difference, figure, ordered } from "./metrics";

const change = (metric: string, before: number | null, after: number | null, regressed = false, improved = false) => ({
  metric,
  before,
  after,
  regressed,
  improved,
});

describe("what changed between two runs", () => {
  it("has regressions first and leaves out what was never measured", () => {
    const changes = [
      change("recall_10", 0.5, 0.5),
      change("correctness", 0.5, 0.8, false, true),
      change("relevancy", null, null),
      change("faithfulness", 0.9, 0.7, true),
    ];
    expect(ordered(changes).map(({ metric }) => metric)).toEqual(["faithfulness", "correctness", "recall_10"]);
  });

  it("is said in points, time and money", () => {
    expect(difference(change("recall_10", 0.5, 0.375))).toBe("−12.5 points");
    expect(difference(change("p50_ms", 800, 2300))).toBe("+1.5 s");
    expect(difference(change("cost_usd", null, 0.1))).toBe("");
    expect(figure("cost_usd", 0)).toBe("free");
    expect(figure("recall_10", 0.375)).toBe("37.5 %");
    expect(figure("recall_10", null)).toBe("–");
  });
});

import { describe, expect, it } from "vitest";
import { addSample, rateOf, rateWords, secondsLeft, type Sample } from "./rate";

const after = (points: [number, number][]) =>
  points.reduce<Sample[]>((samples, [at, done]) => addSample(samples, { at, done }), []);

describe("rateOf", () => {
  it("is files a second over the recent past", () => {
    expect(rateOf(after([[0, 0], [1000, 30], [2000, 60], [3000, 90]]))).toBe(30);
  });

  it("says nothing before there is enough to go by", () => {
    expect(rateOf([])).toBeNull();
    expect(rateOf(after([[0, 0], [500, 40]]))).toBeNull();
    expect(rateOf(after([[0, 0], [9000, 7]]))).toBeNull();
  });

  it("forgets a slow start", () => {
    const samples = after([[0, 0], [20_000, 10], [22_000, 110], [27_000, 360], [32_000, 610]]);
    expect(rateOf(samples)).toBeCloseTo(50);
  });

  it("goes on measuring a source whose files take longer than the recent past", () => {
    expect(rateOf(after([[0, 0], [30_000, 1], [60_000, 2], [90_000, 3]]))).toBeCloseTo(1 / 30);
  });

  it("starts afresh when a source is read again", () => {
    expect(after([[0, 100], [1000, 200], [2000, 3]])).toEqual([{ at: 2000, done: 3 }]);
  });

  it("does not count an event that brought nothing new", () => {
    expect(after([[0, 5], [900, 5]])).toHaveLength(1);
  });
});

describe("secondsLeft", () => {
  it("is what remains at this pace", () => {
    expect(secondsLeft(31, 1768)).toBeCloseTo(57, 0);
    expect(secondsLeft(null, 10)).toBeNull();
    expect(secondsLeft(3, 0)).toBeNull();
  });
});

describe("rateWords", () => {
  it("counts a second, or a minute where that is slow", () => {
    expect(rateWords(31.2)).toBe("31 files a second");
    expect(rateWords(0.2)).toBe("12 files a minute");
    expect(rateWords(0.001)).toBe("1 file a minute");
  });
});

import { describe, expect, it } from "vitest";
import { draftOf, isSame, problemsOf, tagsOf, typed } from "./draft";

const form = { question: " Can I bring a dog? ", answer: "Yes.", category: " Pets ", tags: "dog, dog; big  luggage," };

describe("an entry that is typed", () => {
  it("is trimmed, and its tags are each named once", () => {
    expect(draftOf(form)).toEqual({ question: "Can I bring a dog?", answer: "Yes.", category: "Pets", tags: ["dog", "big luggage"] });
  });

  it("counts as changed only where something else would be saved", () => {
    expect(isSame(form, { ...form, question: "Can I bring a dog?", tags: "dog,big luggage" })).toBe(true);
    expect(isSame(form, { ...form, tags: "" })).toBe(false);
    expect(isSame(typed(null), { question: " ", answer: "", category: "", tags: "," })).toBe(true);
  });

  it("says field by field what keeps it from being saved", () => {
    expect(problemsOf(form)).toEqual({});
    expect(Object.keys(problemsOf({ question: " ", answer: "", category: "", tags: "" }))).toEqual(["question", "answer"]);
    const long = problemsOf({ ...form, answer: "a".repeat(50_001), tags: "t".repeat(101) });
    expect(long.answer).toMatch(/^50,001 characters are too many/u);
    expect(long.tags).toBe("A tag has at most 100 characters.");
    expect(problemsOf({ ...form, tags: tagsOf(Array.from({ length: 51 }, (_, at) => `t${at}`).join(",")).join(",") }).tags).toMatch(/^These are 51 tags/u);
  });
});

import { describe, expect, it } from "vitest";
import { readGoldenFile } from "./goldenFile";

const plain = { answers: [], documents: [], answerable: true };

describe("a file of golden questions", () => {
  it("is read as JSON lines, with what is left out left open", () => {
    const text = '{"question": " When? ", "answers": ["at 9"], "documents": ["a.md"], "id": "q1"}\n\n{"question": "Who?", "answerable": false}';
    expect(readGoldenFile(text)).toEqual({
      questions: [
        { question: "When?", answers: ["at 9"], documents: ["a.md"], answerable: true, id: "q1" },
        { question: "Who?", ...plain, answerable: false },
      ],
    });
  });

  it("is read as a JSON list", () => {
    expect(readGoldenFile('[{"question": "Who?"}]')).toEqual({ questions: [{ question: "Who?", ...plain }] });
  });

  it("is read as a table with quoted cells, lists parted by |, and any usual separator", () => {
    const text = '\uFEFFquestion;answers;answerable\r\n"Is it ""big""; or\r\nsmall?";yes|very;\r\nWho?;;no\r\n';
    expect(readGoldenFile(text)).toEqual({
      questions: [
        { question: 'Is it "big"; or\r\nsmall?', answers: ["yes", "very"], documents: [], answerable: true },
        { question: "Who?", ...plain, answerable: false },
      ],
    });
  });

  it("says what is wrong, and where", () => {
    expect(readGoldenFile("  ")).toEqual({ problem: "This file is empty." });
    expect(readGoldenFile('{"question": "Who?"}\n{"quest')).toMatchObject({ problem: expect.stringContaining("Line 2") });
    expect(readGoldenFile('{"ask": "Who?"}')).toMatchObject({ problem: expect.stringContaining("Line 1 has no question") });
    expect(readGoldenFile("a,b\n1,2")).toMatchObject({ problem: expect.stringContaining("column “question”") });
    expect(readGoldenFile("question,answers\n")).toEqual({ problem: "This file holds no questions." });
  });
});

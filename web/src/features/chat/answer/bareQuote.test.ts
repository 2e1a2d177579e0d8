import { expect, test } from "vitest";
import { bareQuote } from "./bareQuote";

test.each([
  ["- A boat leaves at ten.", "A boat leaves at ten."],
  ["“A boat leaves at ten.”", "A boat leaves at ten."],
  ['> "A boat leaves at ten."  ', "A boat leaves at ten."],
  ['"git bisect" finds the commit.', '"git bisect" finds the commit.'],
  ['It is called "bisect"', 'It is called "bisect"'],
  ['"Left" and "right"', '"Left" and "right"'],
])("%s is shown as %s", (text, shown) => {
  expect(bareQuote(text)).toBe(shown);
});

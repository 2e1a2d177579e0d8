import { describe, expect, it } from "vitest";
import { tableRow } from "./tableRow";

describe("tableRow", () => {
  it("pairs each cell with the name of its column", () => {
    expect(tableRow("Drink | Small | Large\nCappuccino | 3.20 | 4.10")).toEqual([
      { head: "Drink", value: "Cappuccino" },
      { head: "Small", value: "3.20" },
      { head: "Large", value: "4.10" },
    ]);
  });

  it.each([
    ["a sentence", "The ferry leaves at nine."],
    ["two sentences", "The ferry leaves at nine.\nIt returns at ten."],
    ["a row alone", "Cappuccino | 3.20 | 4.10"],
    ["rows of different length", "Drink | Small\nCappuccino | 3.20 | 4.10"],
    ["several rows", "Drink | Small\nCappuccino | 3.20\nEspresso | 2.10"],
  ])("leaves %s as it is", (_, text) => {
    expect(tableRow(text)).toBeNull();
  });
});

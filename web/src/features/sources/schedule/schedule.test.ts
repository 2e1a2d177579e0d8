import { describe, expect, it } from "vitest";
import { DAYS, isComplete, readSchedule, scheduleWords, USUAL, writeSchedule } from "./schedule";

describe("a schedule", () => {
  it.each([
    ["", "never"],
    ["0 * * * *", "hourly"],
    ["30 14 * * *", "daily"],
    ["0 3 * * 1", "weekly"],
    ["*/15 8-18 * * 1-5", "cron"],
    ["15 * * * *", "cron"],
    ["0 3 1 * *", "cron"],
  ])("of %j is %s, and comes back as it was", (line, kind) => {
    const choice = readSchedule(line);
    expect(choice.kind).toBe(kind);
    expect(writeSchedule(choice)).toBe(line);
  });

  it("is said in words", () => {
    expect(scheduleWords(null)).toBe("Only when asked");
    expect(scheduleWords("5 3 * * *")).toBe("Every day at 03:05");
    expect(scheduleWords("0 3 * * 7")).toBe(`Every ${DAYS[0]} at 03:00`);
    expect(scheduleWords("0 0 1 1 *")).toBe("As “0 0 1 1 *” says");
  });

  it("is kept only when it is complete", () => {
    expect(isComplete(USUAL)).toBe(true);
    expect(isComplete({ ...USUAL, kind: "daily", time: "" })).toBe(false);
    expect(isComplete({ ...USUAL, kind: "cron", line: " " })).toBe(false);
  });
});

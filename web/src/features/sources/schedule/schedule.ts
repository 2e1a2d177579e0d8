/** Schedules in plain choices; what the server keeps is a cron line in the time zone of its own machine. */

export type ScheduleKind = "never" | "hourly" | "daily" | "weekly" | "cron";

/** `time`: HH:MM. `day`: of the week, 0 is Sunday. `line`: a cron line of one's own. */
export type ScheduleChoice = { kind: ScheduleKind; time: string; day: string; line: string };

export const USUAL: ScheduleChoice = { kind: "never", time: "03:00", day: "1", line: "" };

// A Sunday in a year without surprises: only the names of the days are taken from it.
const SUNDAY = Date.UTC(2023, 0, 1);
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", timeZone: "UTC" });

/** The names of the days of the week, Sunday first, as the reader writes them. */
export const DAYS = Array.from({ length: 7 }, (_, at) => dayFormat.format(SUNDAY + at * 86_400_000));

const PLAIN = /^(\d{1,2}) (\d{1,2}|\*) \* \* (\*|[0-7])$/u;

/** What a cron line means in plain choices; one that is none of them stays a line. */
export function readSchedule(line: string | null): ScheduleChoice {
  const text = (line ?? "").trim();
  if (!text) return USUAL;
  const own: ScheduleChoice = { ...USUAL, kind: "cron", line: text };
  if (text === "@hourly") return { ...own, kind: "hourly" };
  const found = PLAIN.exec(text);
  if (!found) return own;
  const [, minute = "", hour = "", day = ""] = found;
  if (hour === "*") return day === "*" && minute === "0" ? { ...own, kind: "hourly" } : own;
  if (Number(minute) > 59 || Number(hour) > 23) return own;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day === "*") return { ...own, kind: "daily", time };
  return { ...own, kind: "weekly", time, day: String(Number(day) % 7) };
}

/** The cron line of a choice; empty for never. */
export function writeSchedule({ kind, time, day, line }: ScheduleChoice): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  switch (kind) {
    case "never":
      return "";
    case "hourly":
      return "0 * * * *";
    case "daily":
      return `${minute} ${hour} * * *`;
    case "weekly":
      return `${minute} ${hour} * * ${day}`;
    case "cron":
      return line.trim();
  }
}

/** Whether a choice says enough to be kept; the server judges a line of one's own. */
export function isComplete({ kind, time, line }: ScheduleChoice): boolean {
  if (kind === "cron") return line.trim() !== "";
  return kind === "never" || kind === "hourly" || /^\d{2}:\d{2}/u.test(time);
}

/** "Every day at 03:00". */
export function scheduleWords(line: string | null): string {
  const choice = readSchedule(line);
  switch (choice.kind) {
    case "never":
      return "Only when asked";
    case "hourly":
      return "Every hour";
    case "daily":
      return `Every day at ${choice.time}`;
    case "weekly":
      return `Every ${DAYS[Number(choice.day)]} at ${choice.time}`;
    case "cron":
      return `As “${choice.line}” says`;
  }
}

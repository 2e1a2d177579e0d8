const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const wholeDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

const DAY_MS = 86_400_000;
const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const daysBefore = (date: Date, now: Date) => Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);

export const clockTime = (at: string): string => time.format(new Date(at));
export const fullDate = (at: string): string => `${wholeDay.format(new Date(at))}, ${clockTime(at)}`;

/** The day without its weekday, with the year where it is another one: 21 Nov, 21 Nov 2024. */
export const shortDay = (at: string, now = new Date()): string => {
  const date = new Date(at);
  return (date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date);
};

/** As a contact list says it: 14:06, Yesterday, Thu, 2 Nov. */
export function shortWhen(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysBefore(date, now);
  if (days <= 0) return time.format(date);
  if (days === 1) return "Yesterday";
  if (days < 7) return weekday.format(date);
  return shortDay(at, now);
}

/** As the line between days says it: Today, Yesterday, Thursday 12 November. */
export function dayName(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysBefore(date, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.getFullYear() === now.getFullYear() ? wholeDay.format(date) : dayMonthYear.format(date);
}

/** Inside a sentence: today, yesterday, on 2 Nov, on 2 Nov 2024. */
export function dayWords(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysBefore(date, now);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  return `on ${(date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date)}`;
}

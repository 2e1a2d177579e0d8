import type { CodedError, Document, Source } from "@/api/types";
import type { IconName } from "@/ui";
import { secondsLeft, type Rate } from "./rate";

const number = new Intl.NumberFormat();

export const count = (value: number): string => number.format(value);

/** "1 document", "2,014 documents". */
export const countOf = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

export function sizeWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${bytes === 1 ? "byte" : units[unit]}`;
}

export function durationWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(seconds < 36_000 ? 1 : 0)} h`;
}

/** "a minute ago", "3 hours ago"; times ahead of this clock count as now. */
export function agoWords(iso: string, now: number = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  return seconds < 45 ? "just now" : `${spanWords(seconds)} ago`;
}

/** "in a minute", "in 3 hours"; times that have passed count as now. */
export function aheadWords(iso: string, now: number = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  return seconds < 45 ? "in a moment" : `in ${spanWords(seconds)}`;
}

function spanWords(seconds: number): string {
  const steps: [number, string][] = [
    [60, "minute"],
    [3600, "hour"],
    [86_400, "day"],
    [30 * 86_400, "month"],
    [365 * 86_400, "year"],
  ];
  let chosen = steps[0] as [number, string];
  for (const step of steps) if (seconds >= step[0]) chosen = step;
  const whole = Math.max(1, Math.round(seconds / chosen[0]));
  return whole === 1 ? `${chosen[1] === "hour" ? "an" : "a"} ${chosen[1]}` : `${whole} ${chosen[1]}s`;
}

export const isBusy = (source: Source): boolean => source.status === "scanning" || source.status === "reading";

const UNITS: Record<string, string> = { website: "page", video: "video", faq: "question", text: "note" };

/** What a source's documents are called, one of them. */
export const unitOf = (source: Source): string => UNITS[source.kind] ?? "file";

/** Whether a source can change without anybody writing in Parley, so that looking at it again can find something. */
export const changesByItself = ({ kind }: Source): boolean => kind !== "upload" && kind !== "faq" && kind !== "text";

/** How many files have been dealt with, well or badly. */
export const doneOf = ({ counts }: Source): number => counts.documents - counts.pending;

const KIND_ICONS: Record<string, IconName> = {
  upload: "upload",
  folder: "folder",
  files: "doc",
  website: "globe",
  git: "branch",
  video: "video",
  faq: "faq",
  text: "edit",
};

export const sourceIcon = (source: Source): IconName =>
  source.visibility === "learn_only" ? "eyeoff" : (KIND_ICONS[source.kind] ?? "folder");

/** How many of a folder's files are pictures and the like, which need nobody; one that was sent by hand does. */
export const picturesOf = ({ kind, counts }: Source): number => (kind === "upload" ? 0 : counts.no_documents);

/** How many files somebody has to do something about. */
export const needYou = (source: Source): number => source.counts.failed - picturesOf(source);

export type StatusWords = { text: string; tone: "plain" | "live" | "warn" | "bad" };

/** A source's state in a line: what it does now, or what it waits for. */
export function statusWords(source: Source, rate: Rate | null = null, now: number = Date.now()): StatusWords {
  const { counts, status } = source;
  if (status === "scanning") return { text: "Looking for files", tone: "live" };
  if (status === "reading") return { text: `Reading${leftWords(rate, counts.pending)}`, tone: "live" };
  if (status === "failed") return { text: source.error?.message || "Could not be read", tone: "bad" };
  if (status === "unavailable") return { text: source.error?.message || "Not there at the moment", tone: "warn" };
  if (status === "cancelled") return { text: `Stopped, ${countOf(counts.pending, unitOf(source))} not read`, tone: "warn" };
  if (source.paused) return { text: "Paused", tone: "plain" };
  if (counts.documents === 0 && source.kind === "faq") return { text: "No questions yet", tone: "plain" };
  if (counts.documents === 0) return { text: "No files that can be read", tone: "warn" };
  const wanting = needYou(source);
  if (wanting > 0) return { text: `${countOf(wanting, unitOf(source))} ${wanting === 1 ? "needs" : "need"} you`, tone: "warn" };
  if (source.visibility === "learn_only") return { text: "Informs answers, is never shown", tone: "plain" };
  return { text: source.finished_at ? `Read ${agoWords(source.finished_at, now)}` : "Read", tone: "plain" };
}

function leftWords(rate: Rate | null, pending: number): string {
  const seconds = secondsLeft(rate, pending);
  return seconds === null ? "" : `, about ${durationWords(seconds)} left`;
}

export type FileState = { icon: IconName; tone: "plain" | "live" | "warn" | "bad"; words: string };

/** What became of a file, in words. */
export function fileState(file: Document): FileState {
  if (file.status === "pending") return { icon: "clock", tone: "live", words: "Waits to be read" };
  if (file.status === "failed") return problemOf(file.error);
  if (file.status === "skipped") return { ...problemOf(file.error), icon: "eyeoff", tone: "plain" };
  if (file.status === "removed") return { icon: "history", tone: "plain", words: "No longer in its source." };
  const parts = [
    file.pages ? countOf(file.pages, "page") : sizeWords(file.bytes),
    countOf(file.chunks, "passage"),
    // A file that cannot be read any more keeps the version that could.
    file.error ? "shown as it was, its newest version could not be read" : "",
  ];
  return { icon: "doc", tone: "plain", words: parts.filter(Boolean).join(", ") };
}

const PROBLEMS: Record<string, { icon: IconName; tone: "warn" | "bad"; words: string }> = {
  encrypted_document: { icon: "lock", tone: "warn", words: "Protected by a password. Add a copy without one." },
  no_text_layer: { icon: "eye", tone: "warn", words: "Pictures of pages with no text in them. Add a copy with text." },
  unsupported_format: { icon: "alert", tone: "warn", words: "This format is not read." },
  empty_document: { icon: "alert", tone: "warn", words: "There is nothing in this file." },
  oversized_document: { icon: "alert", tone: "warn", words: "Larger than the limit. Split it, or raise the limit." },
  unreadable_file: { icon: "alert", tone: "bad", words: "The file could not be opened. Was it moved or locked?" },
  damaged_document: { icon: "alert", tone: "bad", words: "The file is damaged. Restore it from a backup." },
  parser_timeout: { icon: "clock", tone: "bad", words: "Reading took too long. Try again, or split the file." },
  parser_out_of_memory: { icon: "alert", tone: "bad", words: "Too large for the memory it may use. Split the file." },
  parser_crashed: { icon: "alert", tone: "bad", words: "Reading broke off, so the file is probably damaged." },
};

/** The server knows most about what went wrong; without words of its own the code has some. */
export function problemOf(error: CodedError | null): FileState {
  const known = PROBLEMS[error?.code ?? ""] ?? { icon: "alert" as const, tone: "bad" as const, words: "Could not be read." };
  return { ...known, words: error?.message || known.words };
}

/** The name of a file without its folders, and those folders. */
export function splitPath(path: string): { name: string; folder: string } {
  const parts = path.split(/[/\\]/u).filter(Boolean);
  return { name: parts.at(-1) ?? path, folder: parts.slice(0, -1).join(" › ") };
}

/** What is lost when a source is removed, said before it happens. */
export function lossWords(source: Source, bots: number): string {
  const { documents, chunks } = source.counts;
  const held = `${countOf(documents, "document")} and ${countOf(chunks, "passage")}`;
  const where = bots > 1 ? `from the ${count(bots)} bots that use them` : "from this bot";
  const files =
    source.kind === "upload"
      ? "The copies that were uploaded are deleted."
      : "The files on this computer stay where they are.";
  return `${held} go ${where}. Answers already given stay, but their citations no longer open. ${files}`;
}

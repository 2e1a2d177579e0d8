import { describe, expect, it } from "vitest";
import type { Document, Source } from "@/api/types";
import { agoWords, countOf, durationWords, fileState, lossWords, problemOf, sizeWords, splitPath, statusWords } from "./words";

const NOW = Date.parse("2026-11-20T12:00:00Z");

function source(change: Partial<Omit<Source, "counts">> & { counts?: Partial<Source["counts"]> } = {}): Source {
  const { counts, ...rest } = change;
  return {
    id: "s",
    kind: "folder",
    name: "Project folder",
    root: "/srv/project",
    visibility: "citable",
    status: "ready",
    error: null,
    job_id: null,
    conversation_id: null,
    created_at: "2026-11-20T11:00:00Z",
    updated_at: "2026-11-20T11:00:00Z",
    started_at: "2026-11-20T11:00:00Z",
    finished_at: "2026-11-20T11:52:00Z",
    bots: ["b"],
    ...rest,
    counts: { documents: 10, pending: 0, ready: 10, failed: 0, no_documents: 0, unchanged: 0, chunks: 80, bytes: 1000, ...counts },
  } as Source;
}

const file = (change: Partial<Document>) => ({
  id: "d",
  source_id: "s",
  title: "manual.pdf",
  path: "manual.pdf",
  version: 1,
  version_id: "v",
  pages: 118,
  chars: 1000,
  bytes: 1_200_000,
  media_type: "application/pdf",
  language: "en",
  status: "ready",
  error: null,
  chunks: 402,
  updated_at: "2026-11-20T11:00:00Z",
  ...change,
}) as Document;

describe("statusWords", () => {
  it("says how long reading will take once the pace is known", () => {
    const reading = source({ status: "reading", counts: { documents: 6982, pending: 1768, ready: 5214 } });
    expect(statusWords(reading).text).toBe("Reading");
    expect(statusWords(reading, 31).text).toBe("Reading, about 57 s left");
  });

  it("says that it needs the reader before it says that it is read", () => {
    expect(statusWords(source({ counts: { failed: 12 } })).text).toBe("12 files need you");
    expect(statusWords(source({ counts: { failed: 1 } })).text).toBe("1 file needs you");
  });

  it("asks nobody for the pictures in a folder, but for one that was sent by hand", () => {
    const pictures = { counts: { failed: 12, no_documents: 12 }, finished_at: null };
    expect(statusWords(source(pictures)).text).toBe("Read");
    expect(statusWords(source({ counts: { failed: 12, no_documents: 11 } })).text).toBe("1 file needs you");
    expect(statusWords(source({ ...pictures, kind: "upload" })).text).toBe("12 files need you");
  });

  it("says when it was read", () => {
    expect(statusWords(source(), null, NOW).text).toBe("Read 8 minutes ago");
  });

  it("gives the reason of a failed source", () => {
    const failed = source({ status: "failed", error: { code: "not_found", message: "The folder is gone." } });
    expect(statusWords(failed)).toEqual({ text: "The folder is gone.", tone: "bad" });
  });

  it("tells what was left when it was stopped", () => {
    expect(statusWords(source({ status: "cancelled", counts: { pending: 40 } })).text).toBe("Stopped, 40 files not read");
  });
});

describe("fileState", () => {
  it("tells pages and passages of what was read", () => {
    expect(fileState(file({})).words).toBe("118 pages, 402 passages");
    expect(fileState(file({ pages: null })).words).toBe("1.2 MB, 402 passages");
  });

  it("prefers the server's words and has its own for every code", () => {
    const error = { code: "unsupported_format", message: "Save it as .xlsx and it is read at once." };
    expect(fileState(file({ status: "failed", error })).words).toBe(error.message);
    expect(problemOf({ code: "encrypted_document", message: "" }).words).toContain("password");
    expect(problemOf({ code: "new_code", message: "" }).words).toBe("Could not be read.");
    expect(problemOf(null).tone).toBe("bad");
  });
});

describe("lossWords", () => {
  it("names what goes and what stays", () => {
    expect(lossWords(source(), 1)).toContain("10 documents and 80 passages go from this bot");
    expect(lossWords(source(), 1)).toContain("stay where they are");
    expect(lossWords(source({ kind: "upload" }), 2)).toContain("the 2 bots");
    expect(lossWords(source({ kind: "upload" }), 2)).toContain("copies that were uploaded are deleted");
  });
});

describe("numbers in words", () => {
  it("counts one apart from many", () => {
    expect([countOf(1, "file"), countOf(2, "file"), countOf(0, "file")]).toEqual(["1 file", "2 files", "0 files"]);
  });

  it("gives sizes in the unit that fits", () => {
    expect([1, 999, 1200, 15_000_000, 1_000_000_000].map(sizeWords)).toEqual([
      "1 byte",
      "999 bytes",
      "1.2 kB",
      "15 MB",
      "1.0 GB",
    ]);
  });

  it("gives durations", () => {
    expect([0.2, 57, 300, 7200].map(durationWords)).toEqual(["1 s", "57 s", "5 min", "2.0 h"]);
  });

  it("tells how long ago", () => {
    const at = (seconds: number) => agoWords(new Date(NOW - seconds * 1000).toISOString(), NOW);
    expect([at(3), at(61), at(8 * 60), at(3600), at(2 * 86_400), at(-50)]).toEqual([
      "just now",
      "a minute ago",
      "8 minutes ago",
      "an hour ago",
      "2 days ago",
      "just now",
    ]);
  });
});

describe("splitPath", () => {
  it("parts the name from its folders", () => {
    expect(splitPath("Quality/Bearings/manual.pdf")).toEqual({ name: "manual.pdf", folder: "Quality › Bearings" });
    expect(splitPath("manual.pdf")).toEqual({ name: "manual.pdf", folder: "" });
  });
});

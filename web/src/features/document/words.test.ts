import { describe, expect, it } from "vitest";
import type { Citation } from "@/api/types";
import { isPdf, isRightToLeft, otherPassages, passageOf, pathTrail, positionWords, verdictWords } from "./words";

const cite = (n: number, id: string, start: number, end: number, version = 1): Citation => ({
  n,
  document: { id, title: id, path: `${id}.pdf`, version, version_id: `${id}-${version}` },
  page: 1,
  start,
  end,
});

describe("verdictWords", () => {
  it("says each verdict in its own words and icon", () => {
    const said = (["supported", "unsupported", "conflicting", "no_claim", null] as const).map((verdict) =>
      verdictWords({ text: "x", verdict }),
    );
    expect(new Set(said.map((one) => one.words)).size).toBe(5);
    expect(new Set(said.map((one) => one.icon)).size).toBe(5);
  });

  it("calls a nearest passage near, not supporting", () => {
    expect(verdictWords(null).words).toBe("Near your question, but no answer");
  });
});

describe("otherPassages", () => {
  const citations = [cite(1, "a", 0, 10), cite(2, "a", 50, 60), cite(3, "b", 0, 10), cite(4, "a", 0, 10), cite(5, "a", 70, 80, 2)];

  it("lists the other spans of the same version only, without repeating the one shown", () => {
    expect(otherPassages(citations, 0)).toEqual([{ start: 50, end: 60, page: 1 }]);
  });

  it("is empty when the index points nowhere", () => {
    expect(otherPassages(citations, 9)).toEqual([]);
  });
});

describe("passageOf", () => {
  it("takes an empty span for the whole document", () => {
    expect(passageOf(cite(0, "a", 0, 0))).toBeNull();
  });
});

describe("pathTrail", () => {
  it("shows the folders where the title is the file's name", () => {
    expect(pathTrail("Quality/Bearings/manual.pdf", "manual.pdf")).toBe("Quality › Bearings");
  });

  it("shows the file too where the document has a title of its own", () => {
    expect(pathTrail("Quality\\manual.pdf", "Bearing manual")).toBe("Quality › manual.pdf");
  });

  it("never is empty", () => {
    expect(pathTrail("manual.pdf", "manual.pdf")).toBe("manual.pdf");
  });
});

describe("positionWords", () => {
  it("names pages, slides and sheets, and a share where there are none", () => {
    expect(positionWords({ unit: "page", number: 42, total: 118 })).toBe("Page 42 of 118");
    expect(positionWords({ unit: "slide", number: 3, total: null })).toBe("Slide 3");
    expect(positionWords({ unit: "share", share: 0.346 })).toBe("35 % down the text");
    expect(positionWords({ unit: "whole" })).toBe("The whole text");
  });
});

describe("isPdf", () => {
  it("believes the media type, and the name until it is known", () => {
    expect(isPdf("a.PDF", undefined)).toBe(true);
    expect(isPdf("a.pdf", "text/plain")).toBe(false);
    expect(isPdf("scan", "application/pdf")).toBe(true);
  });
});

describe("isRightToLeft", () => {
  it("knows the language, and tolerates none", () => {
    expect(isRightToLeft("ar")).toBe(true);
    expect(isRightToLeft("en")).toBe(false);
    expect(isRightToLeft(null)).toBe(false);
  });
});

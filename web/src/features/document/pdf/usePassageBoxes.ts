import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { rectanglesQuery } from "@/api/queries/documents";
import type { DocumentRef, PageRectangles } from "@/api/types";
import type { Passage } from "../types";
import type { Marked } from "./PdfPage";
import { placeRectangles } from "./placement";

/** Answers with more citations of one document than this are not known; it bounds the requests. */
const MAX_OTHERS = 24;

type Places = { pages: PageRectangles[] };

export type PassageBoxes = {
  /** Marks by page; the passage asked for comes last, over the paler ones. */
  byPage: ReadonlyMap<number, Marked[]>;
  /** Pages of the passage asked for; null until known, empty where it could not be placed. */
  passage: PageRectangles[] | null;
  /** Height over width of pages that rectangles told of. */
  ratios: ReadonlyMap<number, number>;
};

export function usePassageBoxes(document: DocumentRef, passage: Passage | null, others: readonly Passage[]): PassageBoxes {
  const { id, version } = document;
  const asked = useQuery({
    ...rectanglesQuery(id, version, { start: passage?.start ?? 0, end: passage?.end ?? 0 }),
    enabled: passage !== null,
  });
  const paler = useQueries({
    queries: others
      .slice(0, MAX_OTHERS)
      .map((other) => rectanglesQuery(id, version, { start: other.start, end: other.end })),
    combine: (results) => results.map((result) => result.data?.pages ?? noPages),
  });
  const own = asked.data?.pages ?? (asked.isError ? noPages : null);
  const key = passage ? `${passage.start}-${passage.end}` : "";
  return useMemo(() => collect(own, paler, key), [own, paler, key]);
}

const noPages: Places["pages"] = [];

function collect(own: PageRectangles[] | null, paler: PageRectangles[][], key: string): PassageBoxes {
  const byPage = new Map<number, Marked[]>();
  const ratios = new Map<number, number>();
  const add = (pages: PageRectangles[], tone: Marked["tone"], name: string) => {
    for (const page of pages) {
      if (page.width > 0) ratios.set(page.page, page.height / page.width);
      const boxes = placeRectangles(page);
      if (boxes.length > 0) byPage.set(page.page, [...(byPage.get(page.page) ?? []), { key: name, boxes, tone }]);
    }
  };
  paler.forEach((pages, at) => add(pages, "dim", `other-${at}`));
  if (own) add(own, "on", key);
  return { byPage, passage: own, ratios };
}

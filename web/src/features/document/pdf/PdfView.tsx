import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type Ref,
} from "react";
import { documentFileUrl } from "@/api/queries/documents";
import { Spinner } from "@/ui";
import { CitationMap, type MapPlace } from "../CitationMap";
import { PASSAGE_AT, scrollToY } from "../motion";
import type { ViewHandle, ViewProps } from "../types";
import { openPdf } from "./engine";
import { anchorAt, anchorY, layoutPages, pageAt, pagesInView, type Anchor, type PageLayout } from "./pageLayout";
import { PdfPage, type Marked } from "./PdfPage";
import { extent, placeRectangles } from "./placement";
import { usePassageBoxes, type PassageBoxes } from "./usePassageBoxes";

const USUAL_RATIO = Math.SQRT2;
/** A damaged file can claim billions of pages. */
const MOST_PAGES = 100_000;
const noMarks: Marked[] = [];

type PdfViewProps = ViewProps & {
  ref?: Ref<ViewHandle>;
  /** The file cannot be shown as a PDF; its text can be. */
  onFail: () => void;
};

/** A PDF as it looks, its pages drawn as they come into view, with the passages marked on them. */
export function PdfView({ document, onFail, ...rest }: PdfViewProps) {
  const pdf = usePdf(documentFileUrl(document.id, document.version), onFail);
  const boxes = usePassageBoxes(document, rest.passage, rest.others);
  if (!pdf) {
    return (
      <div className="desk desk-wait" aria-busy="true">
        <Spinner />
        <span className="sr">Opening the document</span>
      </div>
    );
  }
  return <Pages key={`${document.id}/${document.version}`} pdf={pdf} boxes={boxes} {...rest} />;
}

function usePdf(address: string, onFail: () => void): PDFDocumentProxy | null {
  const [opened, setOpened] = useState<{ address: string; pdf: PDFDocumentProxy } | null>(null);
  useEffect(() => {
    let left = false;
    openPdf(address)
      .then((pdf) => !left && setOpened({ address, pdf }))
      .catch(() => !left && onFail());
    return () => {
      left = true;
    };
  }, [address, onFail]);
  return opened?.address === address ? opened.pdf : null;
}

type PagesProps = Omit<ViewProps, "document"> & { ref?: Ref<ViewHandle>; pdf: PDFDocumentProxy; boxes: PassageBoxes };

function Pages({ ref, pdf, boxes, passage, zoom, rtl, onPosition }: PagesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useViewSize(scroller);
  const [ratios, setRatios] = useState<ReadonlyMap<number, number>>(new Map());
  const [top, setTop] = useState(0);
  const width = Math.max(80, Math.round(view.width * zoom));
  const layout = useMemo(() => {
    const known = new Map([...boxes.ratios, ...ratios]);
    const usual = known.values().next().value ?? USUAL_RATIO;
    return layoutPages(Math.min(pdf.numPages, MOST_PAGES), width, usual, known);
  }, [pdf, width, boxes.ratios, ratios]);

  const noteRatio = useCallback((page: number, ratio: number) => {
    setRatios((known) => (Math.abs((known.get(page) ?? 0) - ratio) < 0.001 ? known : new Map(known).set(page, ratio)));
  }, []);

  const anchor = useKeptPlace(scroller, layout);
  useCentred(scroller, width, boxes);
  useGoToPassage(scroller, layout, view, passage, boxes, anchor);

  const current = pageAt(layout, top + view.height * 0.4);
  useEffect(() => {
    onPosition({ unit: "page", number: current, total: pdf.numPages });
  }, [current, pdf, onPosition]);
  useImperativeHandle(ref, () => ({
    turn: (step) => scroller.current && scrollToY(scroller.current, layout.tops[current - 1 + step] ?? top),
  }));

  const shown = view.width > 0 ? pagesInView(layout, top, view.height) : [];
  return (
    <>
      <div
        ref={scroller}
        className="desk desk-pdf scroll"
        tabIndex={0}
        role="region"
        aria-label="Pages"
        onScroll={(event) => {
          anchor.current = anchorAt(layout, event.currentTarget.scrollTop);
          setTop(event.currentTarget.scrollTop);
        }}
      >
        <div className="pdf-pages" style={{ blockSize: layout.total, inlineSize: width }}>
          {shown.map((page) => (
            <PdfPage
              key={page}
              pdf={pdf}
              number={page}
              top={layout.tops[page - 1] ?? 0}
              width={width}
              height={layout.heights[page - 1] ?? 0}
              marked={boxes.byPage.get(page) ?? noMarks}
              rtl={rtl}
              first={page === current}
              onRatio={noteRatio}
            />
          ))}
        </div>
      </div>
      <CitationMap places={mapPlaces(boxes, layout)} />
    </>
  );
}

function mapPlaces(boxes: PassageBoxes, layout: PageLayout): MapPlace[] {
  const places: MapPlace[] = [];
  for (const [page, marks] of boxes.byPage) {
    for (const mark of marks) {
      const from = (extent(mark.boxes)?.top ?? 0) / 100;
      places.push({ share: anchorY(layout, { page, share: from }) / Math.max(1, layout.total), on: mark.tone === "on" });
    }
  }
  return places;
}

/** The inner size of the scrolling element, without its padding. */
function useViewSize(scroller: React.RefObject<HTMLDivElement | null>) {
  const [size, setSize] = useState({ width: 0, height: 0, padding: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      const style = getComputedStyle(element);
      const sides = parseFloat(style.paddingInlineStart) + parseFloat(style.paddingInlineEnd);
      const next = {
        width: element.clientWidth - sides,
        height: element.clientHeight,
        padding: parseFloat(style.paddingBlockStart),
      };
      setSize((known) => (known.width === next.width && known.height === next.height ? known : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  return size;
}

/** Keeps the same line of the same page at the top when pages change their size: zoom, a resized panel, a real ratio. */
function useKeptPlace(scroller: React.RefObject<HTMLDivElement | null>, layout: PageLayout) {
  const anchor = useRef<Anchor>({ page: 1, share: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const wanted = Math.max(0, anchorY(layout, anchor.current));
    if (Math.abs(element.scrollTop - wanted) > 1) element.scrollTop = wanted;
  }, [layout, scroller]);
  return anchor;
}

const EDGE_PX = 24;

/** Where pages are wider than the view, shows the passage, from its first letter if all of it does not fit. */
function useCentred(scroller: React.RefObject<HTMLDivElement | null>, width: number, boxes: PassageBoxes) {
  const [first] = boxes.passage ?? [];
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || element.scrollWidth <= element.clientWidth + 1) return;
    const lines = first ? placeRectangles(first) : [];
    const left = Math.min(...lines.map((line) => line.left));
    const right = Math.max(...lines.map((line) => line.left + line.width));
    const span = ((right - left) / 100) * width;
    if (lines.length === 0) element.scrollLeft = (width - element.clientWidth) / 2;
    else if (span > element.clientWidth - 2 * EDGE_PX) element.scrollLeft = (left / 100) * width - EDGE_PX;
    else element.scrollLeft = ((left + right) / 200) * width - element.clientWidth / 2;
  }, [scroller, width, first]);
}

/** Goes to the passage's page at once and to its lines as soon as they are known. */
function useGoToPassage(
  scroller: React.RefObject<HTMLDivElement | null>,
  layout: PageLayout,
  view: { width: number; height: number; padding: number },
  passage: PagesProps["passage"],
  boxes: PassageBoxes,
  anchor: React.RefObject<Anchor>,
) {
  const gone = useRef({ key: "", exact: false, before: false });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !passage || view.width <= 0) return;
    const key = `${passage.start}-${passage.end}`;
    if (gone.current.key !== key) gone.current = { key, exact: false, before: gone.current.key !== "" };
    if (gone.current.exact) return;
    const place = firstPlace(boxes);
    if (!place && !passage.page) return;
    const target = place ?? { page: passage.page ?? 1, share: 0 };
    const y = anchorY(layout, target) - (place ? view.height * PASSAGE_AT - view.padding : 0);
    gone.current.exact = place !== null;
    if (gone.current.before && place) return scrollToY(element, y);
    scrollToY(element, y, true);
    anchor.current = anchorAt(layout, element.scrollTop);
  }, [scroller, layout, view, passage, boxes, anchor]);
}

function firstPlace(boxes: PassageBoxes): Anchor | null {
  for (const page of boxes.passage ?? []) {
    const lines = extent(placeRectangles(page));
    if (lines) return { page: page.page, share: lines.top / 100 };
  }
  return null;
}

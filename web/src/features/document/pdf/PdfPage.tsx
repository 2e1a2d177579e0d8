import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { memo, useEffect, useRef, useState, type CSSProperties } from "react";
import { loadPdfJs } from "./engine";
import type { Box } from "./placement";

/** A canvas beyond this many pixels is refused by some browsers, and slow in all. */
const MAX_CANVAS_PIXELS = 16_000_000;
const REDRAW_AFTER_MS = 90;
/** The page that is looked at is drawn before its neighbours: they share one worker. */
const NEIGHBOUR_AFTER_MS = 120;

export type Marked = { key: string; boxes: Box[]; tone: "on" | "dim" };

type PdfPageProps = {
  pdf: PDFDocumentProxy;
  number: number;
  top: number;
  width: number;
  height: number;
  marked: readonly Marked[];
  rtl: boolean;
  first: boolean;
  onRatio: (page: number, ratio: number) => void;
};

/** One page: its picture, its text for selecting and for screen readers, and the marked passages over it. */
export const PdfPage = memo(function PdfPage(props: PdfPageProps) {
  const { pdf, number, top, width, height, marked, rtl, first, onRatio } = props;
  const picture = useRef<HTMLDivElement>(null);
  const text = useRef<HTMLDivElement>(null);
  const wait = useRef(first ? 0 : NEIGHBOUR_AFTER_MS);
  const [state, setState] = useState<"drawing" | "drawn" | "failed">("drawing");

  useEffect(() => {
    const drawing = new PageDrawing();
    const delay = picture.current?.firstChild ? REDRAW_AFTER_MS : wait.current;
    const timer = setTimeout(() => {
      drawing
        .run(pdf, number, width, picture.current, text.current, (ratio) => onRatio(number, ratio))
        .then((drawn) => drawn && setState("drawn"))
        .catch(() => setState("failed"));
    }, delay);
    return () => {
      clearTimeout(timer);
      drawing.cancel();
    };
  }, [pdf, number, width, onRatio]);

  return (
    <div
      className="pdf-page"
      role="group"
      aria-label={`Page ${number}`}
      data-page={number}
      data-state={state}
      style={{ top, inlineSize: width, blockSize: height }}
    >
      <div ref={picture} className="pdf-picture" aria-hidden="true" />
      {marked.map(({ key, boxes, tone }) => (
        <PassageBoxes key={key} boxes={boxes} tone={tone} rtl={rtl} />
      ))}
      <div ref={text} className="pdf-text" />
      {state === "failed" && <p className="pdf-failed">This page could not be drawn.</p>}
    </div>
  );
});

const SWEEP_MS = 320;

function PassageBoxes({ boxes, tone, rtl }: { boxes: Box[]; tone: Marked["tone"]; rtl: boolean }) {
  const each = SWEEP_MS / Math.max(1, boxes.length);
  return (
    <div className="pdf-marks" data-tone={tone} data-rtl={rtl || undefined} aria-hidden="true">
      {boxes.map((box, at) => {
        const place: CSSProperties = {
          left: `${box.left}%`,
          top: `${box.top}%`,
          width: `${box.width}%`,
          height: `${box.height}%`,
        };
        const sweep = tone === "on" ? { animationDuration: `${each}ms`, animationDelay: `${at * each}ms` } : {};
        return <i key={at} style={{ ...place, ...sweep }} />;
      })}
    </div>
  );
}

/** Draws a page once; cancelling stops whatever it is at. */
class PageDrawing {
  private cancelled = false;
  private stop: (() => void)[] = [];

  cancel() {
    this.cancelled = true;
    for (const stop of this.stop) stop();
  }

  async run(
    pdf: PDFDocumentProxy,
    number: number,
    width: number,
    picture: HTMLElement | null,
    text: HTMLElement | null,
    onRatio: (ratio: number) => void,
  ): Promise<boolean> {
    const page = await pdf.getPage(number);
    if (this.cancelled || !picture || !text) return false;
    const natural = page.getViewport({ scale: 1 });
    onRatio(natural.height / natural.width);
    const scale = width / natural.width;
    const canvas = await this.draw(page, scale);
    if (this.cancelled || !canvas) return false;
    picture.replaceChildren(canvas);
    await this.layText(page, scale, text);
    return true;
  }

  private async draw(page: PDFPageProxy, scale: number): Promise<HTMLCanvasElement | null> {
    const size = page.getViewport({ scale });
    const sharp = Math.min(window.devicePixelRatio || 1, Math.sqrt(MAX_CANVAS_PIXELS / (size.width * size.height)));
    const viewport = page.getViewport({ scale: scale * sharp });
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = Math.max(1, Math.floor(viewport.height));
    const task = page.render({ canvas, viewport });
    this.stop.push(() => task.cancel());
    try {
      await task.promise;
    } catch (error) {
      if (this.cancelled) return null;
      throw error;
    }
    return canvas;
  }

  private async layText(page: PDFPageProxy, scale: number, container: HTMLElement) {
    const { TextLayer } = await loadPdfJs();
    if (this.cancelled) return;
    container.replaceChildren();
    container.style.setProperty("--total-scale-factor", String(scale));
    const layer = new TextLayer({
      textContentSource: page.streamTextContent(),
      container,
      viewport: page.getViewport({ scale }),
    });
    this.stop.push(() => layer.cancel());
    // A page whose text cannot be laid out is still a picture with its marks.
    await layer.render().catch(() => container.replaceChildren());
  }
}

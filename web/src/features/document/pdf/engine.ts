import type { PDFDocumentLoadingTask, PDFDocumentProxy, PDFWorker } from "pdfjs-dist/legacy/build/pdf.mjs";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

type PdfJs = typeof import("pdfjs-dist/legacy/build/pdf.mjs");

/** Documents kept open, so that going back and forth between citations costs nothing. */
const KEPT_OPEN = 3;
const RANGE_BYTES = 256 * 1024;

let library: Promise<PdfJs> | undefined;
let worker: PDFWorker | undefined;
const open = new Map<string, PDFDocumentLoadingTask>();

/** pdf.js itself, loaded once and only when a PDF is about to be shown. */
export function loadPdfJs(): Promise<PdfJs> {
  library ??= import("pdfjs-dist/legacy/build/pdf.mjs").then((pdfjs) => {
    pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;
    return pdfjs;
  });
  return library;
}

/** One worker for all documents: starting one takes longer than opening most documents (300 ms on a slow machine). */
function sharedWorker(pdfjs: PdfJs): PDFWorker {
  if (!worker || worker.destroyed) worker = new pdfjs.PDFWorker();
  return worker;
}

/** Loads pdf.js and starts its worker, so that the first document opens as fast as the next. */
export async function warmUp(): Promise<void> {
  await sharedWorker(await loadPdfJs()).promise;
}

/** Opens a PDF by its address; asks the server only for the parts that the pages shown need. */
export async function openPdf(address: string): Promise<PDFDocumentProxy> {
  const known = open.get(address);
  if (known) {
    open.delete(address);
    open.set(address, known);
    return known.promise;
  }
  const pdfjs = await loadPdfJs();
  const task = open.get(address) ?? startLoading(pdfjs, address);
  return task.promise;
}

function startLoading(pdfjs: PdfJs, address: string): PDFDocumentLoadingTask {
  const data = `/assets/pdfjs-${pdfjs.version}`;
  const task = pdfjs.getDocument({
    url: address,
    worker: sharedWorker(pdfjs),
    cMapUrl: `${data}/cmaps/`,
    standardFontDataUrl: `${data}/standard_fonts/`,
    wasmUrl: `${data}/wasm/`,
    iccUrl: `${data}/iccs/`,
    rangeChunkSize: RANGE_BYTES,
    disableAutoFetch: true,
    disableStream: true,
    isEvalSupported: false,
    enableXfa: false,
  });
  open.set(address, task);
  task.promise.catch(() => open.delete(address));
  closeOldest();
  return task;
}

function closeOldest() {
  for (const [address, task] of open) {
    if (open.size <= KEPT_OPEN) return;
    open.delete(address);
    void task.destroy();
  }
}

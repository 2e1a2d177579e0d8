/**
 * Fetches what the panel needs before anybody clicks, so that a citation opens at once.
 *
 * Call it when an answer with citations is on screen; it waits until the browser is idle and does its work once.
 */
export function preloadDocumentPanel(withPdf: boolean) {
  whenIdle(() => {
    void import("./DocumentPanel");
    if (withPdf) void import("./pdf/engine").then((engine) => engine.loadPdfJs());
  });
}

function whenIdle(work: () => void) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 300);
}

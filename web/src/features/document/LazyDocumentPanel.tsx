import { useEffect, useState, type ComponentType } from "react";
import { Spinner } from "@/ui";
import type { DocumentPanelProps } from "./DocumentPanel";
import "./document.css";

type Panel = ComponentType<DocumentPanelProps>;

let loaded: Panel | null = null;

async function load(): Promise<Panel> {
  loaded = (await import("./DocumentPanel")).DocumentPanel;
  return loaded;
}

/**
 * The document panel, loaded when it is first needed.
 *
 * Not `React.lazy`: that shows its fallback even when the code is here already, and then holds the content back for
 * 300 ms, which is all the time there is for a citation to open.
 */
export function LazyDocumentPanel(props: DocumentPanelProps) {
  const [Shown, setShown] = useState<Panel | null>(() => loaded);
  useEffect(() => {
    if (!Shown) void load().then((panel) => setShown(() => panel));
  }, [Shown]);
  if (Shown) return <Shown {...props} />;
  return (
    <aside className="docpane docpane-wait" aria-busy="true" aria-label="Source document">
      <Spinner />
    </aside>
  );
}

/**
 * Fetches what the panel needs before anybody clicks, so that a citation opens at once.
 *
 * Call it on a screen from which documents are opened; it waits until the browser is idle and does its work once.
 */
export function preloadDocumentPanel() {
  whenIdle(() => {
    void load();
    void import("./pdf/engine").then((engine) => engine.warmUp());
  });
}

function whenIdle(work: () => void) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 300);
}

import { useCallback, useMemo, useRef, useState } from "react";
import { documentFileUrl, useDocument } from "@/api/queries/documents";
import type { Citation, DocumentRef } from "@/api/types";
import { Icon, IconButton, Tooltip } from "@/ui";
import { PdfView } from "./pdf/PdfView";
import { TextView } from "./text/TextView";
import type { Position, ViewHandle } from "./types";
import { keepTabInside, usePanelFocus, usePanelKeys } from "./usePanelFocus";
import { usePanelWidth } from "./usePanelWidth";
import { VersionPill } from "./VersionPill";
import {
  isPdf,
  isRightToLeft,
  otherPassages,
  extentWords,
  passageOf,
  pathTrail,
  positionWords,
  verdictWords,
  type PanelSentence,
} from "./words";

export type DocumentPanelProps = {
  /**
   * Every citation of the answer, in order; `index` says which one is open. A citation with an empty span opens its
   * document as a whole, without a passage.
   */
  citations: Citation[];
  index: number;
  /** The sentence that cites it; null for a nearest passage of an abstention. */
  sentence: PanelSentence;
  /** Opened from the list of files: there is no answer, so neither verdict nor citations to walk. */
  plain?: boolean;
  onIndex: (index: number) => void;
  onClose: () => void;
};

const ZOOMS = [0.5, 0.67, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3];
const USUAL_ZOOM = ZOOMS.indexOf(1);
const phone = "(max-width: 47.5em)";

/** The document that a citation leads to, at the page and with the passage marked. */
export function DocumentPanel({ citations, index, sentence, plain = false, onIndex, onClose }: DocumentPanelProps) {
  const panel = usePanelFocus();
  const { width, edge } = usePanelWidth();
  const step = (by: 1 | -1) => {
    if (citations[index + by]) onIndex(index + by);
  };
  usePanelKeys({ onClose, onStep: step });
  const citation = citations[index];
  if (!citation) return null;
  const covers = window.matchMedia(phone).matches;
  return (
    <>
      <div className="doc-scrim" onClick={onClose} aria-hidden="true" />
      <div
        ref={panel}
        className="docpane"
        aria-label="Source document"
        role={covers ? "dialog" : "complementary"}
        aria-modal={covers || undefined}
        tabIndex={-1}
        style={{ "--doc-width": `${width}rem` } as React.CSSProperties}
        onKeyDown={covers ? keepTabInside : undefined}
      >
        <div className="doc-edge" {...edge} />
        <Opened {...{ citations, index, citation, sentence, plain, step, onClose }} />
      </div>
    </>
  );
}

type OpenedProps = {
  citations: Citation[];
  index: number;
  citation: Citation;
  sentence: PanelSentence;
  plain: boolean;
  step: (by: 1 | -1) => void;
  onClose: () => void;
};

function Opened({ citations, index, citation, sentence, plain, step, onClose }: OpenedProps) {
  const cited = citation.document;
  const [newest, setNewest] = useState<DocumentRef | null>(null);
  const shown = newest?.id === cited.id ? newest : cited;
  const asCited = shown === cited;
  const about = useDocument(cited.id);
  const [zoomAt, setZoomAt] = useState(USUAL_ZOOM);
  const [position, setPosition] = useState<Position | null>(null);
  const view = useRef<ViewHandle>(null);
  const [unreadable, setUnreadable] = useState("");
  const fail = useCallback(() => setUnreadable(shown.version_id), [shown.version_id]);

  const { start, end, page } = citation;
  const passage = useMemo(() => (asCited ? passageOf({ start, end, page } as Citation) : null), [asCited, start, end, page]);
  const others = useMemo(() => (asCited ? otherPassages(citations, index) : []), [asCited, citations, index]);
  const common = {
    ref: view,
    document: shown,
    passage,
    others,
    zoom: ZOOMS[zoomAt] ?? 1,
    rtl: isRightToLeft(about.data?.language),
    onPosition: setPosition,
  };
  const asPdf = isPdf(shown.path, about.data?.media_type ?? undefined) && unreadable !== shown.version_id;

  return (
    <>
      <PanelHead document={shown} onClose={onClose} />
      <CitationNav {...{ citations, index, sentence, step }} walks={!plain && end > start} extent={extentWords(about.data)}>
        <IconButton
          icon="zoomout"
          label="Zoom out"
          size="sm"
          disabled={zoomAt === 0}
          onClick={() => setZoomAt((at) => Math.max(0, at - 1))}
        />
        <IconButton
          icon="zoomin"
          label="Zoom in"
          size="sm"
          disabled={zoomAt === ZOOMS.length - 1}
          onClick={() => setZoomAt((at) => Math.min(ZOOMS.length - 1, at + 1))}
        />
      </CitationNav>
      {passage && !plain && <Why sentence={sentence} quote={citation.quote} />}
      <div className="deskwrap">
        {asPdf ? <PdfView key={shown.version_id} {...common} onFail={fail} /> : <TextView {...common} />}
      </div>
      <div className="docfoot">
        <span className="pageflip">
          <IconButton icon="left" flip label="Previous page" size="sm" onClick={() => view.current?.turn(-1)} />
          <span className="num">{position ? positionWords(position) : "Opening"}</span>
          <IconButton icon="right" flip label="Next page" size="sm" onClick={() => view.current?.turn(1)} />
        </span>
        <span className="grow" />
        <VersionPill cited={cited} shown={shown} about={about.data} onShow={setNewest} />
      </div>
    </>
  );
}

function PanelHead({ document, onClose }: { document: DocumentRef; onClose: () => void }) {
  return (
    <div className="pane-head">
      <span className="doc-ic">
        <Icon name="doc" />
      </span>
      <div className="grow">
        <h2 className="who-name clip" title={document.title}>
          {document.title}
        </h2>
        <p className="who-sub clip" title={document.path}>
          {pathTrail(document.path, document.title)}
        </p>
      </div>
      <Tooltip label="Open the file">
        <a
          className="icon-btn"
          href={documentFileUrl(document.id, document.version)}
          target="_blank"
          rel="noreferrer"
          aria-label="Open the file in a new tab"
        >
          <Icon name="external" flip />
        </a>
      </Tooltip>
      <IconButton icon="close" label="Close the document" shortcut="Esc" onClick={onClose} />
    </div>
  );
}

type CitationNavProps = Pick<OpenedProps, "citations" | "index" | "sentence" | "step"> & {
  walks: boolean;
  /** How long the document is: said where there are no citations to walk. */
  extent: string;
  children: React.ReactNode;
};

function CitationNav({ citations, index, sentence, step, walks, extent, children }: CitationNavProps) {
  return (
    <div className="citenav">
      {walks ? (
        <>
          <IconButton
            icon="up"
            label="Previous citation"
            shortcut="["
            size="sm"
            disabled={index === 0}
            onClick={() => step(-1)}
          />
          <IconButton
            icon="down"
            label="Next citation"
            shortcut="]"
            size="sm"
            disabled={index >= citations.length - 1}
            onClick={() => step(1)}
          />
          <span className="which num" aria-live="polite">
            {sentence ? "Citation" : "Passage"} {index + 1} of {citations.length}
          </span>
        </>
      ) : (
        <span className="which num">{extent}</span>
      )}
      <span className="grow" />
      {children}
    </div>
  );
}

/** What the passage does for the sentence that was read, and that sentence. */
function Why({ sentence, quote }: { sentence: PanelSentence; quote: string | undefined }) {
  const { tone, icon, words } = verdictWords(sentence);
  const said = sentence?.text ?? quote;
  return (
    <div className="why" data-tone={tone}>
      <Icon name={icon} />
      <strong>{words}</strong>
      {said && <q className="clip-3">{said}</q>}
    </div>
  );
}

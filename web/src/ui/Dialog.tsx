import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { IconButton } from "./Button";
import { LayerContext } from "./layer";

type DialogProps = {
  open: boolean;
  title: string;
  onClose: () => void;
  /** Full: as much of the window as there is, for what is read rather than filled in. */
  size?: "usual" | "wide" | "full";
  children: ReactNode;
};

/** What a dialog's focus starts on; not the button that closes it. */
const FIRST = ".dialog-body :is(input:not([hidden]), textarea, select, button, a)";

/**
 * A modal on the browser's own dialog element: it traps focus, closes on Escape and gives focus back.
 *
 * Focus starts on the first control of its body, or on the dialog itself where there is none.
 */
export function Dialog({ open, title, onClose, size = "usual", children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [layer, setLayer] = useState<HTMLElement | null>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    setLayer(element);
    if (open && !element.open) {
      element.showModal();
      (element.querySelector<HTMLElement>(FIRST) ?? element).focus();
    }
    if (!open && element.open) element.close();
  }, [open]);

  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      className={size === "usual" ? "dialog scroll" : `dialog dialog-${size} scroll`}
      aria-labelledby={titleId}
      onClose={onClose}
      // A press that starts on the backdrop closes; one that only ends there (selecting text) does not.
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {open && (
        <LayerContext value={layer}>
          <header className="dialog-head">
            <h2 id={titleId} className="h2 grow">
              {title}
            </h2>
            <IconButton icon="close" label="Close" onClick={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
        </LayerContext>
      )}
    </dialog>
  );
}

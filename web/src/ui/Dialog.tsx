import { useEffect, useId, useRef, type ReactNode } from "react";
import { IconButton } from "./Button";

type DialogProps = {
  open: boolean;
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
};

/** A modal on the browser's own dialog element: it traps focus, closes on Escape and gives focus back. */
export function Dialog({ open, title, onClose, wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);

  return (
    <dialog
      ref={dialog}
      className={wide ? "dialog dialog-wide scroll" : "dialog scroll"}
      aria-labelledby={titleId}
      onClose={onClose}
      // A press that starts on the backdrop closes; one that only ends there (selecting text) does not.
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {open && (
        <div>
          <header className="dialog-head">
            <h2 id={titleId} className="h2 grow">
              {title}
            </h2>
            <IconButton icon="close" label="Close" onClick={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
        </div>
      )}
    </dialog>
  );
}

import { useEffect, useRef, type KeyboardEvent } from "react";

const focusable = 'a[href], button:not(:disabled), [tabindex="0"], input, select, textarea';

/** Moves focus into the panel when it opens and back to where it came from when it closes. */
export function usePanelFocus() {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const from = document.activeElement;
    const element = panel.current;
    element?.focus({ preventScroll: true });
    return () => {
      const lost = document.activeElement === document.body || element?.contains(document.activeElement);
      if (lost && from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true });
    };
  }, []);
  return panel;
}

/** Keeps Tab within a panel that covers the rest. */
export function keepTabInside(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== "Tab") return;
  const inside = [...event.currentTarget.querySelectorAll<HTMLElement>(focusable)].filter(
    (element) => element.offsetParent !== null,
  );
  const first = inside[0];
  const last = inside.at(-1);
  if (!first || !last) return;
  const at = document.activeElement;
  const leaving = event.shiftKey ? at === first || at === event.currentTarget : at === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

type PanelKeys = { onClose: () => void; onStep: (step: 1 | -1) => void };

/** Esc closes, [ and ] walk the citations; brackets only while no field has the focus. */
export function usePanelKeys({ onClose, onStep }: PanelKeys) {
  const current = useRef({ onClose, onStep });
  current.current = { onClose, onStep };
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "Escape") current.current.onClose();
      if (isField(event.target)) return;
      if (event.key === "[") current.current.onStep(-1);
      if (event.key === "]") current.current.onStep(1);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/u.test(target.tagName));

import { useEffect, useRef } from "react";

const isApple = /Mac|iPhone|iPad/u.test(navigator.platform);

/** How the platform writes the key that goes with K. */
export const modKey = isApple ? "⌘" : "Ctrl";

export type ShortcutHandlers = {
  findChat: () => void;
  nextChat: (step: 1 | -1) => void;
  /** Returns whether there was something to stop. */
  escape: () => boolean;
  copyAnswer: () => void;
  askAgain: () => void;
  verify: () => void;
  help: () => void;
};

const editable = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/u.test(target.tagName));

const inOverlay = (target: EventTarget | null) =>
  target instanceof Element && target.closest("dialog, [role=menu]") !== null;

/** The chat's keys. Single letters act only where nothing is being typed; an open dialog keeps its own keys. */
export function useShortcuts(handlers: ShortcutHandlers) {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || inOverlay(event.target)) return;
      if (act(event, latest.current)) event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function act(event: KeyboardEvent, does: ShortcutHandlers): boolean {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && !event.shiftKey && event.key.toLowerCase() === "k") return did(does.findChat);
  if (mod && event.shiftKey && event.key.toLowerCase() === "c") return did(does.copyAnswer);
  if (event.altKey && event.key === "ArrowDown") return did(() => does.nextChat(1));
  if (event.altKey && event.key === "ArrowUp") return did(() => does.nextChat(-1));
  if (event.key === "Escape") return does.escape();
  if (mod || event.altKey || editable(event.target)) return false;
  return letter(event.key, does);
}

function letter(key: string, does: ShortcutHandlers): boolean {
  if (key === "v") return did(does.verify);
  if (key === "r") return did(does.askAgain);
  if (key === "?") return did(does.help);
  return false;
}

function did(action: () => void): true {
  action();
  return true;
}

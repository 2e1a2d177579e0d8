import { useEffect, useSyncExternalStore } from "react";
import { Button, IconButton } from "./Button";
import { Icon } from "./icons";

type Tone = "good" | "bad";
type Action = { label: string; run: () => void };
type ToastItem = { id: number; text: string; tone: Tone; action?: Action };

const SHOWN_MS = 6000;
/** What can still be done about it takes longer to read and to reach. */
const ACTION_MS = 12_000;
let items: readonly ToastItem[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly ToastItem[]) {
  items = next;
  for (const listener of listeners) listener();
}

const close = (id: number) => set(items.filter((item) => item.id !== id));

/** Shows a short line at the foot of the window for a few seconds; bad news stays until it is closed. */
export function toast(text: string, tone: Tone = "good", action?: Action) {
  const repeated = items.filter((item) => item.text !== text);
  set([...repeated.slice(-2), { id: nextId++, text, tone, action }]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => items);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((item) => (
        <ToastLine key={item.id} item={item} />
      ))}
    </div>
  );
}

function ToastLine({ item }: { item: ToastItem }) {
  useEffect(() => {
    if (item.tone === "bad") return;
    const timer = setTimeout(() => close(item.id), item.action ? ACTION_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [item]);
  return (
    <div className="toast" data-tone={item.tone}>
      <Icon name={item.tone === "bad" ? "alert" : "check"} />
      <span className="grow">{item.text}</span>
      {item.action && (
        <Button
          size="sm"
          onClick={() => {
            item.action?.run();
            close(item.id);
          }}
        >
          {item.action.label}
        </Button>
      )}
      <IconButton icon="close" label="Close" size="sm" onClick={() => close(item.id)} />
    </div>
  );
}

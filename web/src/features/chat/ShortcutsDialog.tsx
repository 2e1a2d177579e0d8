import { Dialog } from "@/ui";
import { modKey } from "./keyboard";

const shortcuts: [string, string][] = [
  [`${modKey} K`, "Find a bot or a message"],
  ["Alt ↑ ↓", "Previous, next chat"],
  ["Enter", "Send"],
  ["Shift Enter", "New line"],
  ["Esc", "Stop the answer, close the document"],
  ["[ ]", "Previous, next citation"],
  ["V", "Verify the answer with sources"],
  ["R", "Ask again"],
  [`${modKey} Shift C`, "Copy the last answer with citations"],
  ["?", "This list"],
];

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} title="Keyboard" onClose={onClose}>
      <dl className="shortcuts">
        {shortcuts.map(([keys, does]) => (
          <div key={keys} className="row">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type ReactNode } from "react";

type VirtualListProps<T> = {
  items: readonly T[];
  getKey: (item: T) => string;
  renderItem: (item: T, index: number) => ReactNode;
  /** Height in pixels before a row has been measured. */
  estimateSize: number;
  label: string;
  className?: string;
  /** Called when the last rows come into view: load more there. */
  onEndReached?: () => void;
};

/** A scrolling list that draws only the rows in view; rows may have any height. */
export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, getKey, renderItem, estimateSize, label, className = "", onEndReached } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => estimateSize,
    getItemKey: (index) => getKey(items[index] as T),
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();
  const lastShown = rows.at(-1)?.index ?? -1;

  useEffect(() => {
    if (items.length > 0 && lastShown >= items.length - 5) onEndReached?.();
  }, [lastShown, items.length, onEndReached]);

  return (
    <div ref={scroller} className={`scroll ${className}`} tabIndex={0} role="region" aria-label={label}>
      <ul style={{ position: "relative", blockSize: virtualizer.getTotalSize() }}>
        {rows.map((row) => (
          <li
            key={row.key}
            ref={virtualizer.measureElement}
            data-index={row.index}
            aria-setsize={items.length}
            aria-posinset={row.index + 1}
            style={{ position: "absolute", insetInline: 0, top: 0, transform: `translateY(${row.start}px)` }}
          >
            {renderItem(items[row.index] as T, row.index)}
          </li>
        ))}
      </ul>
    </div>
  );
}
